//! What can be asked of any image generator, and what it answers.
//!
//! This room holds types and one trait, and knows no implementation: [`Request`] says what to make,
//! [`Runtime`] where the work runs, [`Event`] what happens meanwhile, and [`Engine`] is what the window,
//! the command line, tests and benchmarks all call. `diffusion` implements it on this machine; only
//! `main` chooses an implementation.

mod aspect_ratio;
mod cancel;
mod control;
mod depth_maps;
mod distance_map;
mod error;
mod estimate;
mod event;
mod few_steps;
mod inpaint;
mod interface;
mod limits;
mod live;
mod made_with;
mod mask;
mod model;
mod noised_start;
mod plan;
mod preset;
mod random_seed;
mod recipe;
mod recommended;
mod region_prompt;
mod request;
mod rng;
mod runtime;
mod sampler;
mod sampler_options;
mod schedule;
mod second_pass;
mod setting_changes;
mod settings;
mod sheet;
mod sheet_text;
pub mod steps;
mod word_changes;

pub use aspect_ratio::AspectRatio;
pub use cancel::Cancel;
pub use control::{ControlHint, ControlMode, ControlSettings, ControlSource, Preprocessor, is_bare_name};
pub use depth_maps::DepthMaps;
pub use distance_map::distance_map;
pub use error::Error;
pub use estimate::{Estimate, Estimator, RoundFiles, duration};
pub use event::{Event, FinishedImage, MadeBy, Stage};
pub use few_steps::FewSteps;
pub use inpaint::{Inpaint, InpaintArea, MaskedContent};
pub use interface::{Capabilities, Engine, LoadProgress, TokenCount, TokenCounter};
pub use limits::EngineLimits;
pub use live::{LiveQuality, LiveRecipe, LiveSize};
pub use made_with::{MadeWith, MadeWithDifference, PromptTemplate};
pub use mask::Mask;
pub use model::{ModelChoice, ModelInfo};
pub use noised_start::NoisedStart;
pub use plan::Plan;
pub use preset::{Preset, PresetFiles, QuickRecipe, use_quality};
pub use random_seed::random_seed;
pub use recipe::Recipe;
pub use recommended::Recommended;
pub use region_prompt::RegionPrompt;
pub use request::{Request, RequestKind};
pub use rng::Rng;
pub use runtime::{DeviceChoice, Dtype, LoraFile, Runtime, TiledVae};
pub use sampler::Sampler;
pub use sampler_options::{Emphasis, PredictionType, SamplerOptions};
pub use schedule::Schedule;
pub use second_pass::{SecondPass, Tile, TileGrid, TileJoin, TiledPicture, Upscaler};
pub use setting_changes::{ChangedValue, SettingChange, Setup, setting_changes};
pub use settings::{MAX_SEED, Settings};
pub use sheet::{Sheet, SheetAxis, SheetSetting};
pub use word_changes::{ChangedWord, WordChange, changed_words};
