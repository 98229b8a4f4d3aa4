//! Any bytes as a file of weights: refused or read, never a panic and never more memory than the file has.
#![no_main]

use libfuzzer_sys::fuzz_target;
use underpaint::diffusion::{inspect_model, read_all_tensors};

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.safetensors");
    std::fs::write(&path, bytes).expect("writes");
    let _ = inspect_model(&path);
    let _ = read_all_tensors(&path);
});
