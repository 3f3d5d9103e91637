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
  /** Absolute path of the ground truth; null for good images and for defect images without a mask. */
  maskFile: string | null;
}

/** One category: normal images to train on, and normal and defective ones to test on. */
export interface Dataset {
  /** Absolute path of the folder that holds the category's folder. */
  root: string;
  category: string;
  train: Sample[];
  test: Sample[];
  /** What was found odd but did not prevent reading; one sentence each, for the user to see. */
  warnings: string[];
}
