//! Any bytes as the pickle of a `.ckpt`, with a storage of 64 numbers beside it.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;
use underpaint::diffusion::{inspect_model, read_all_tensors};
use zip::write::SimpleFileOptions;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("model.ckpt");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).expect("a file"));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in [("model/data.pkl", bytes), ("model/data/0", &[1; 256][..])] {
        archive.start_file(name, stored).expect("an entry");
        archive.write_all(content).expect("writes");
    }
    archive.finish().expect("a whole archive");
    let _ = inspect_model(&path);
    let _ = read_all_tensors(&path);
});
