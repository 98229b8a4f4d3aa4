//! Families of models: what a model, a LoRA or a text encoder belongs to.

use serde::Serialize;

/// A family of image models whose files fit each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Stable Diffusion 1.x and its descendants.
    Sd1,
    /// Stable Diffusion 2.x.
    Sd2,
    /// Stable Diffusion XL; Pony, Illustrious and NoobAI models are of this family.
    Sdxl,
    /// The refiner of Stable Diffusion XL.
    SdxlRefiner,
    /// Stable Diffusion 3 and 3.5.
    Sd3,
    /// FLUX.1 and models on its base (Chroma).
    Flux,
    /// Stable Cascade (Würstchen).
    StableCascade,
    /// Kandinsky.
    Kandinsky,
    /// PixArt.
    PixArt,
    /// Hunyuan-DiT and HunyuanVideo.
    Hunyuan,
    /// AuraFlow.
    AuraFlow,
    /// Lumina.
    Lumina,
    /// HiDream.
    HiDream,
    /// Qwen-Image.
    QwenImage,
    /// Wan, a video model.
    Wan,
    /// LTX-Video.
    LtxVideo,
    /// Stable Video Diffusion.
    StableVideo,
    /// Another family.
    Other,
}

impl Family {
    /// The name people know it by.
    pub fn label(self) -> &'static str {
        match self {
            Self::Sd1 => "Stable Diffusion 1.x",
            Self::Sd2 => "Stable Diffusion 2.x",
            Self::Sdxl => "SDXL",
            Self::SdxlRefiner => "the SDXL refiner",
            Self::Sd3 => "Stable Diffusion 3",
            Self::Flux => "FLUX",
            Self::StableCascade => "Stable Cascade",
            Self::Kandinsky => "Kandinsky",
            Self::PixArt => "PixArt",
            Self::Hunyuan => "Hunyuan",
            Self::AuraFlow => "AuraFlow",
            Self::Lumina => "Lumina",
            Self::HiDream => "HiDream",
            Self::QwenImage => "Qwen-Image",
            Self::Wan => "Wan",
            Self::LtxVideo => "LTX-Video",
            Self::StableVideo => "Stable Video Diffusion",
            Self::Other => "another family",
        }
    }

    /// Whether models of this family run here.
    pub fn is_run(self) -> bool {
        matches!(self, Self::Sd1 | Self::Sd2)
    }

    /// The family whose UNet attends to text vectors so wide.
    pub fn of_text_width(width: usize) -> Option<Self> {
        match width {
            768 => Some(Self::Sd1),
            1024 => Some(Self::Sd2),
            1280 => Some(Self::SdxlRefiner),
            2048 => Some(Self::Sdxl),
            _ => None,
        }
    }

    /// The family that the class of a diffusers pipeline or network belongs to.
    pub fn of_class(class: &str) -> Option<Self> {
        let known = [
            ("StableDiffusionXL", Self::Sdxl),
            ("StableDiffusion3", Self::Sd3),
            ("SD3", Self::Sd3),
            ("StableCascade", Self::StableCascade),
            ("Wuerstchen", Self::StableCascade),
            ("StableVideoDiffusion", Self::StableVideo),
            ("Flux", Self::Flux),
            ("Chroma", Self::Flux),
            ("Kandinsky", Self::Kandinsky),
            ("PixArt", Self::PixArt),
            ("Hunyuan", Self::Hunyuan),
            ("AuraFlow", Self::AuraFlow),
            ("Lumina", Self::Lumina),
            ("HiDream", Self::HiDream),
            ("QwenImage", Self::QwenImage),
            ("Wan", Self::Wan),
            ("LTX", Self::LtxVideo),
        ];
        known.iter().find(|(start, _)| class.starts_with(start)).map(|(_, family)| *family)
    }

    /// The family that kohya's training scripts name in a LoRA's `ss_base_model_version`, or others in
    /// `modelspec.architecture`.
    pub fn of_base_name(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let known = [
            ("sdxl_refiner", Self::SdxlRefiner),
            ("sdxl", Self::Sdxl),
            ("stable-diffusion-xl", Self::Sdxl),
            ("sd_v1", Self::Sd1),
            ("sd_1.5", Self::Sd1),
            ("stable-diffusion-v1", Self::Sd1),
            ("sd_v2", Self::Sd2),
            ("stable-diffusion-v2", Self::Sd2),
            ("sd3", Self::Sd3),
            ("stable-diffusion-3", Self::Sd3),
            ("flux", Self::Flux),
            ("chroma", Self::Flux),
            ("hunyuan", Self::Hunyuan),
            ("lumina", Self::Lumina),
            ("qwen", Self::QwenImage),
            ("wan", Self::Wan),
        ];
        known.iter().find(|(start, _)| name.starts_with(start)).map(|(_, family)| *family)
    }
}
