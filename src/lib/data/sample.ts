import type { RegionOfInterest } from './region-of-interest';

/** One image of a data set, and what is known about it. Nothing is decoded yet. */
export interface Sample {
  /** Absolute path of the image. */
  file: string;
  category: string;
  split: 'train' | 'test';
  /** 'good', or the defect's type: the name of its folder. */
  defect: string;
  /** 0 without a defect, 1 with one. */
  label: 0 | 1;
  /**
   * Absolute path of the ground truth: a picture, a folder of pictures that count together, or a JSON file with polygons
   * (see `loadMask`). Null for good images and for defect images without one.
   */
  maskFile: string | null;
  /** Absolute path of its own region of interest: a picture, a folder of them, or polygons, as a ground truth. */
  regionFile?: string;
  /** What it has in common with others, such as the part that it shows; absent where images stand alone. */
  group?: string;
}

/** One category: normal images to train on, and normal and defective ones to test on. */
export interface Dataset {
  /** Absolute path of the folder that holds the category's folder. */
  root: string;
  category: string;
  train: Sample[];
  test: Sample[];
  /**
   * Good images that nothing is learnt from, for threshold and choice of epoch. Absent where the settings of a training say
   * how many of `train` are held out, as in MVTec AD's layout.
   */
  heldOut?: Sample[];
  /** What counts of the images; absent where all of them does. */
  roi?: RegionOfInterest;
  /** Of a user's own folders: how their images came to their roles. Absent in MVTec AD's layout. */
  division?: Division;
  /** What was found odd but did not prevent reading; one sentence each, for the user to see. */
  warnings: string[];
}

/** How images of folders were divided into those to train on, those held out and those to test on. */
export interface Division {
  /** 'seed': drawn; 'given': the folders or a record say it. */
  by: 'seed' | 'given';
  seed?: number;
  /** The pattern that groups file names. */
  groupBy?: string;
}

/** A data set that was opened by one of several ways. */
export interface OpenedCategory {
  dataset: Dataset;
  /** 'folder': the user's images; 'synthetic': the project's own, because no folder was named. */
  origin: 'folder' | 'synthetic';
  /** One line for reports, without a path. */
  description: string;
}
