import type { PublicDataset } from "../dataset";

// Length and checksum: TensorFlow Datasets, url_checksums/cifar10.txt.
export const cifar10: PublicDataset = {
  name: "cifar10",
  summary: "60,000 pictures in ten classes, 32 × 32, in colour",
  about: "https://www.cs.toronto.edu/~kriz/cifar.html",
  url: "https://www.cs.toronto.edu/~kriz/",
  files: [
    {
      name: "cifar-10-binary.tar.gz",
      bytes: 170_052_171,
      sha256:
        "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
      unpacks: "cifar-10-batches-bin",
    },
  ],
};
