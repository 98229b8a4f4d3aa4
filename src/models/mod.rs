//! The model files on this machine: where they are searched, what they are, their hashes, which of them a name
//! means, and the catalogue of those that are worth fetching.

mod catalogue;
mod comfy_paths;
mod folders;
mod found;
mod hash;
mod inspected;
mod kept_downloads;
mod kept_json;
mod known;
mod named_files;
mod places;
mod preferences;
mod preset_files;
mod remembered;
mod search;
mod stamp;
mod trigger_words;

pub use catalogue::{Catalogue, CatalogueEntry, CatalogueFile, Licence, MemoryNeed, TypicalRound, is_usual_name};
pub use folders::NamedFolders;
pub use found::{FoundModel, size_text};
pub use hash::{Hashing, WEB_HASH, is_sha256, sha256_of};
pub use inspected::{BaseModel, FoundKind, InspectedFile, Inspector};
pub use kept_downloads::{DownloadsFile, FetchSubject, KeptDownload, KeptDownloads};
pub use known::{first_usable, is_repository, model_of_picture, named_model};
pub use named_files::{NamedFile, files_in, find_named, names_in_folder};
pub use places::{Origin, Places, SearchFolder, Surroundings, places};
pub use preferences::{ModelPreferences, PreferenceChange};
pub use preset_files::{loras_among, preset_files, with_found};
pub use remembered::Remembered;
pub use search::{FoundModels, hash_of_cached, search};
pub use stamp::Stamp;

/// The endings of LoRA files.
pub const LORA_ENDINGS: [&str; 3] = ["safetensors", "pt", "ckpt"];

/// The endings of textual inversions.
pub const EMBEDDING_ENDINGS: [&str; 4] = ["safetensors", "pt", "bin", "ckpt"];
