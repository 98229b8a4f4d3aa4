//! The local engine: Stable Diffusion on this machine.
//!
//! Knows weights, tokens, schedules, noise, latents and images, but neither windows nor picture files. The
//! window, the command line, tests and benchmarks all use it through [`LocalEngine`].
//!
//! How one picture is made: prompt → conditioning `[2, 77, d]`; start image → latent `[1, c, h/f, w/f]`;
//! latent + noise·σ → sampler steps → latent → image `[1, 3, h, w]` in -1..1.

#[cfg(test)]
mod adapter_tests;
mod compute_device;
#[cfg(test)]
mod control_tests;
#[cfg(test)]
mod deepcache_tests;
mod dtype;
mod enlarge;
mod error;
mod estimate;
mod files;
#[cfg(test)]
pub(crate) mod kind_tests;
mod local;
mod memory;
mod model;
mod model_files;
mod networks;
#[cfg(test)]
mod parity_tests;
mod pipeline;
#[cfg(test)]
mod region_tests;
mod resample;
mod sampling;
mod text;
#[cfg(test)]
mod tiled_tests;
#[cfg(test)]
mod upscaler_tests;
mod watch;

pub(crate) use files::checkpoint::WeightFile;
pub use files::checkpoint::read_all_tensors;
pub use files::container::Container;
pub use files::inspect::{
    HeaderInspector, LayerFit, LoraReport, ModelReport, PartReport, TextualInversionReport, VaeReport, inspect_model,
    is_meant_as_weights,
};
pub use files::kind::{Family, WeightsKind};
pub(crate) use files::kind::{captioner_refusal, depth_names, segmenter_refusal};
pub use files::lora::Algorithm;
pub use local::{LocalEngine, Timing};
pub(crate) use resample::{Filter, resized};
pub use text::prompt_plan::read_prompt;
