"""The paper's U-Net auto-encoders behind the three levels, with the lab's names."""

import torch
from torch import nn

from backbone import read_safetensors


class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, x):
        return torch.relu(self.conv2(torch.relu(self.conv1(x))))


class Up(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.transpose = nn.ConvTranspose2d(inputs, outputs, 2, stride=2)

    def forward(self, x, skip):
        return torch.cat([self.transpose(x), skip], 1)


class AutoEncoder(nn.Module):
    def __init__(self, depth):
        super().__init__()
        half, double = depth // 2, 2 * depth
        self.down1, self.down2, self.down3 = Block(depth, half), Block(half, depth), Block(depth, double)
        self.bottleneck = Block(double, double)
        self.up3, self.up2, self.up1 = Up(double, double), Up(2 * double, depth), Up(double, half)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        first = self.down1(x)
        second = self.down2(self.pool(first))
        third = self.down3(self.pool(second))
        y = self.bottleneck(self.pool(third))
        return self.up1(self.up2(self.up3(y, third), second), first)


class AutoEncoders(nn.Module):
    def __init__(self):
        super().__init__()
        self.autoencoder1, self.autoencoder2, self.autoencoder3 = (AutoEncoder(d) for d in (64, 128, 256))

    def forward(self, features):
        levels = (self.autoencoder1, self.autoencoder2, self.autoencoder3)
        return [level(x) for level, x in zip(levels, features)]


def load_auto_encoders(file, memory_format):
    networks = AutoEncoders()
    networks.load_state_dict(read_safetensors(file))
    return networks.to(memory_format=memory_format)
