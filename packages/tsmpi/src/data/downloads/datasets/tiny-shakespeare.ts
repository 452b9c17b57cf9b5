import type { PublicDataset } from "../dataset";

// Length and checksum: TensorFlow Datasets, url_checksums/tiny_shakespeare.txt.
export const tinyShakespeare: PublicDataset = {
  name: "tiny-shakespeare",
  summary: "40,000 lines of Shakespeare, 1.1 MB",
  about: "https://github.com/karpathy/char-rnn",
  url: "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/",
  files: [
    {
      name: "input.txt",
      bytes: 1_115_394,
      sha256:
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    },
  ],
};
