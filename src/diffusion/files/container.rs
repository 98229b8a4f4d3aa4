//! What a file is by its first bytes, whatever its name says.
//!
//! People give the program all kinds of files as models. Each kind that is not read gets a sentence that
//! says what the file is and what to do instead.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Serialize;

use crate::engine::Error;

/// The format of a file that is offered as a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Container {
    /// Named tensors behind a JSON header.
    Safetensors,
    /// PyTorch's zip archive (`.ckpt`, `.pt`, `.pth`, `.bin`), written since PyTorch 1.6.
    Checkpoint,
    /// PyTorch's format before 1.6: pickles one after the other, without an archive.
    LegacyCheckpoint,
    /// A folder in the diffusers layout.
    Folder,
    /// GGUF, the format of llama.cpp and stable-diffusion.cpp.
    Gguf,
    /// An ONNX graph.
    Onnx,
    /// A TensorRT engine, built for one graphics card.
    TensorRt,
    /// HDF5, as Keras writes it.
    Hdf5,
    /// A web page, as failed downloads leave it.
    WebPage,
    /// The pointer that Git LFS leaves where it did not fetch the file.
    LfsPointer,
    /// A picture.
    Picture,
    /// Text, such as a config file.
    Text,
    /// A file without a byte in it.
    Empty,
    /// None of these.
    Unknown,
}

/// How much of a file is looked at.
const START: u64 = 512;

/// The longest header that safetensors allows.
pub(super) const MAX_HEADER: u64 = 100 << 20;

/// The first pickle of PyTorch's old format: protocol 2 and the number 0x1950a86a20f9469cfc6c.
const LEGACY: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";

impl Container {
    /// Looks at the first bytes of a file, or at whether it is a folder.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn of(path: &Path) -> Result<Self, Error> {
        if path.is_dir() {
            return Ok(Self::Folder);
        }
        let unreadable = |source| Error::Unreadable { path: path.to_path_buf(), source };
        let mut start = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        file.take(START).read_to_end(&mut start).map_err(unreadable)?;
        let named = |ending: &str| path.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending));
        Ok(Self::from_start(&start, size, &named))
    }

    /// `named` says whether the file's name ends so; only formats without a mark of their own need it.
    fn from_start(start: &[u8], size: u64, named: &dyn Fn(&str) -> bool) -> Self {
        let begins = |marks: &[&[u8]]| marks.iter().any(|mark| start.starts_with(mark));
        if start.is_empty() {
            return Self::Empty;
        }
        if let Some((length, rest)) = start.split_first_chunk::<8>()
            && (2..=MAX_HEADER).contains(&u64::from_le_bytes(*length))
            && rest.first().is_none_or(|byte| *byte == b'{')
        {
            return Self::Safetensors;
        }
        if begins(&[b"PK\x03\x04"]) {
            return Self::Checkpoint;
        }
        if begins(&[LEGACY]) || (begins(&[b"\x80\x02", b"\x80\x03", b"\x80\x04"]) && size > 16) {
            return Self::LegacyCheckpoint;
        }
        if begins(&[b"GGUF", b"ggml", b"lmgg", b"tjgg"]) {
            return Self::Gguf;
        }
        if begins(&[b"\x89HDF"]) {
            return Self::Hdf5;
        }
        if begins(&[b"version https://git-lfs"]) {
            return Self::LfsPointer;
        }
        if begins(&[b"ftrt", b"ptrt"]) || ["trt", "engine", "plan"].into_iter().any(named) {
            return Self::TensorRt;
        }
        // A protocol buffer whose first field is the format's version.
        if named("onnx") || (begins(&[b"\x08"]) && start.windows(7).any(|word| word == b"pytorch")) {
            return Self::Onnx;
        }
        if begins(&[b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*"])
            || (begins(&[b"RIFF"]) && start.get(8..12) == Some(b"WEBP"))
        {
            return Self::Picture;
        }
        // Text in another encoding than UTF-8 has no business beside a model.
        let text =
            String::from_utf8_lossy(start).trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']).to_lowercase();
        if ["<!doctype", "<html", "<head", "<?xml"].iter().any(|mark| text.starts_with(mark)) {
            return Self::WebPage;
        }
        let printable = |byte: &u8| *byte >= 0x20 || b"\t\r\n\x0c".contains(byte);
        if start.iter().all(printable) && !text.contains('\u{fffd}') { Self::Text } else { Self::Unknown }
    }

    /// Whether only weights come in this format, or the file was meant as weights: failed downloads and damaged
    /// files show that by the ending of their name alone.
    pub fn is_meant_as_weights(self, path: &Path) -> bool {
        const ENDINGS: [&str; 7] = ["safetensors", "ckpt", "pt", "pth", "bin", "gguf", "onnx"];
        match self {
            Self::Safetensors
            | Self::Checkpoint
            | Self::LegacyCheckpoint
            | Self::Folder
            | Self::Gguf
            | Self::Onnx
            | Self::TensorRt
            | Self::Hdf5 => true,
            Self::Picture => false,
            Self::WebPage | Self::LfsPointer | Self::Text | Self::Empty | Self::Unknown => {
                path.extension().is_some_and(|own| ENDINGS.iter().any(|ending| own.eq_ignore_ascii_case(ending)))
            }
        }
    }

    /// What to say of a file in a format that is not read, after its name; `None` for one that is.
    pub fn refusal(self) -> Option<&'static str> {
        Some(match self {
            Self::Safetensors | Self::Checkpoint | Self::Folder => return None,
            Self::LegacyCheckpoint => {
                "is a PyTorch file in the format before version 1.6, which is not read; load it in PyTorch and save it again, or get the .safetensors version"
            }
            Self::Gguf => {
                "is a GGUF file, a format of quantised weights that is not read; get the model as .safetensors"
            }
            Self::Onnx => "is an ONNX model, which is not read; get the model as .safetensors or as a diffusers folder",
            Self::TensorRt => {
                "is a TensorRT engine, built for one graphics card; get the model it was built from as .safetensors"
            }
            Self::Hdf5 => "is an HDF5 file (Keras), which is not read; get the model as .safetensors",
            Self::WebPage => {
                "is a web page and not a file of weights: the download went wrong; download the file again"
            }
            Self::LfsPointer => {
                "is only a Git LFS pointer to the model; run \"git lfs pull\" in its folder, or download the file itself"
            }
            Self::Picture => "is a picture and not a file of weights; give it as the start image",
            Self::Text => "is a text file and not a file of weights",
            Self::Empty => "is empty: it is cut short or was never downloaded; download it again",
            Self::Unknown => {
                "is neither a safetensors file nor a .ckpt, or it is cut short; if it is a download, download it again"
            }
        })
    }

    /// Refuses a file in a format that is not read.
    ///
    /// # Errors
    /// [`Error::File`] with the whole sentence.
    pub fn check(self, path: &Path) -> Result<(), Error> {
        self.refusal().map_or(Ok(()), |text| Err(Error::File(format!("{} {text}.", path.display()))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_told_by_its_first_bytes() {
        let page = b"\n<!DOCTYPE html><title>404</title>";
        let cases: [(&[u8], &str, Container); 17] = [
            (b"\x10\0\0\0\0\0\0\0{\"a\":{}}", "a.safetensors", Container::Safetensors),
            (b"\x10\0\0\0\0\0\0\0{\"a\":{}}", "renamed.png", Container::Safetensors),
            (b"PK\x03\x04rest", "a.ckpt", Container::Checkpoint),
            (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M", "a.pt", Container::LegacyCheckpoint),
            (b"GGUF\x03\0\0\0", "a.gguf", Container::Gguf),
            (b"\x08\x07\x12\x07pytorch\x1a\x03", "model", Container::Onnx),
            (b"\x08\x07\x12\x07other", "model.onnx", Container::Onnx),
            (b"ftrt\0\0\0\0", "a.trt", Container::TensorRt),
            (b"\x89HDF\r\n\x1a\n", "a.h5", Container::Hdf5),
            (page, "a.safetensors", Container::WebPage),
            (b"version https://git-lfs.github.com/spec/v1\noid", "a.safetensors", Container::LfsPointer),
            (b"\x89PNG\r\n\x1a\n", "a.safetensors", Container::Picture),
            (b"RIFF\0\0\0\0WEBPVP8 ", "a.webp", Container::Picture),
            (b"model:\n  target: x", "a.yaml", Container::Text),
            (b"", "a.safetensors", Container::Empty),
            (b"\0\0\0\0\0\0\0\0\0\0\0\0", "a.safetensors", Container::Unknown),
            (b"\x01\x02", "a.ckpt", Container::Unknown),
        ];
        let folder = tempfile::tempdir().expect("folder");
        for (bytes, name, kind) in cases {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("writes");
            assert_eq!(Container::of(&path).expect("reads"), kind, "{name}");
            if let Err(error) = kind.check(&path) {
                let text = error.to_string();
                assert!(text.starts_with(&path.display().to_string()) && text.ends_with('.'), "{text}");
            }
        }
        assert_eq!(Container::of(folder.path()).expect("reads"), Container::Folder);
        assert!(Container::of(&folder.path().join("none")).is_err());
    }
}
