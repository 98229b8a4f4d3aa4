//! Where an engine does its work, apart from what it makes.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where the arithmetic runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceChoice {
    /// A graphics card if this build supports one and it answers, otherwise the processor.
    #[default]
    Auto,
    /// The processor, with the program's own kernels.
    Cpu,
    /// The NVIDIA card of this number; needs a build with `--features cuda`.
    Cuda(usize),
    /// Apple's graphics; needs a build with `--features metal`.
    Metal,
}

impl DeviceChoice {
    /// Finds a device by its name: auto, cpu, cuda, cuda:N, metal.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "auto" => Some(Self::Auto),
            "cpu" => Some(Self::Cpu),
            "cuda" => Some(Self::Cuda(0)),
            "metal" => Some(Self::Metal),
            name => name.strip_prefix("cuda:")?.parse().ok().map(Self::Cuda),
        }
    }

    /// Its name in the window and on the command line.
    pub fn label(self) -> String {
        match self {
            Self::Auto => "auto".into(),
            Self::Cpu => "cpu".into(),
            Self::Cuda(number) => format!("cuda:{number}"),
            Self::Metal => "metal".into(),
        }
    }
}

/// The number format of the UNet's and the autoencoder's weights and products. Sums, norms, softmax and
/// latents are f32 with each of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// bfloat16 where this machine multiplies it faster, half precision where it widens that in registers, f32 elsewhere.
    #[default]
    Auto,
    /// 32 bits: agrees with PyTorch in f32 to about six digits.
    F32,
    /// Weights in half precision, which most files hold, multiplied as f32: about the memory of bfloat16, and a picture
    /// that is off by a level of 255 here and there. Graphics cards take bfloat16 in its place.
    F16,
    /// bfloat16: half the memory, and a picture that differs a little.
    Bf16,
}

impl Dtype {
    /// Every choice, the default first.
    pub const ALL: [Self; 4] = [Self::Auto, Self::F32, Self::F16, Self::Bf16];

    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
        }
    }
}

/// Whether the autoencoder works on a picture tile by tile. The picture is the same to the bit; tiles need less
/// memory and more time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TiledVae {
    /// Only where the whole picture at once would not fit into memory.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

impl TiledVae {
    /// Every choice, the default first.
    pub const ALL: [Self; 3] = [Self::Auto, Self::On, Self::Off];

    /// Its name on the command line and in the window.
    pub fn id(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::On => "on",
            Self::Off => "off",
        }
    }
}

/// A LoRA file under the name that prompts call it by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoraFile {
    /// Its name in prompts, without `:`, `<` and `>`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// Where and with what an engine works. Two engines with different runtimes and the same
/// [`Request`](super::Request) make the same picture, up to the precision chosen here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Runtime {
    /// Where the arithmetic runs.
    pub device: DeviceChoice,
    /// The number format of weights.
    pub dtype: Dtype,
    /// Folder of the LoRAs that prompts name.
    pub loras: Option<PathBuf>,
    /// LoRAs elsewhere on this machine that prompts can name too. Those in the folder come first.
    pub found_loras: Vec<LoraFile>,
    /// Folder of textual inversions.
    pub embeddings: Option<PathBuf>,
    /// A small autoencoder that makes the previews, instead of a linear map from latent to colour.
    pub preview_vae: Option<PathBuf>,
    /// Whether the autoencoder works in tiles.
    pub tiled_vae: TiledVae,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_device_is_found_by_its_name() {
        for choice in [DeviceChoice::Auto, DeviceChoice::Cpu, DeviceChoice::Cuda(3), DeviceChoice::Metal] {
            assert_eq!(DeviceChoice::from_name(&choice.label()), Some(choice));
        }
        assert_eq!(DeviceChoice::from_name("CUDA"), Some(DeviceChoice::Cuda(0)));
        assert_eq!(DeviceChoice::from_name("tpu"), None);
    }
}
