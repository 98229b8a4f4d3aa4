//! Whose random numbers a seed stands for.

use serde::{Deserialize, Serialize};

/// Whose numbers a seed stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rng {
    /// PyTorch's on a CUDA device: what most published seeds used.
    #[default]
    Cuda,
    /// PyTorch's on the CPU.
    Cpu,
}

impl Rng {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Cuda, Self::Cpu];

    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::Cpu => "cpu",
        }
    }

    /// Its name in the window and in files.
    pub fn label(self) -> &'static str {
        match self {
            Self::Cuda => "GPU",
            Self::Cpu => "CPU",
        }
    }
}
