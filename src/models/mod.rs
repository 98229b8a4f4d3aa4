//! The model files on this machine, by name: which LoRAs and textual inversions there are, and which file a
//! prompt means. Nothing is opened here.

mod named_files;
mod preset_files;

pub use named_files::{NamedFile, files_in, find_named, names_in_folder};
pub use preset_files::preset_files;

/// The endings of LoRA files.
pub const LORA_ENDINGS: [&str; 3] = ["safetensors", "pt", "ckpt"];

/// The endings of textual inversions.
pub const EMBEDDING_ENDINGS: [&str; 4] = ["safetensors", "pt", "bin", "ckpt"];
