//! `.ckpt` files: zip archives with a pickle that says which tensors lie where.
//!
//! The pickle is parsed, never executed. Everything it would call is looked through first, and a
//! file that would call anything but the building of tensors is refused by name.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use candle_core::pickle::{Object, PthTensors, Stack};

use super::{malformed, pickle_size};
use crate::diffusion::error::first_line;
use crate::engine::Error;

/// The longest pickle that is read; those of Stable Diffusion have about 200 KB.
const MAX_PICKLE: u64 = 32 << 20;

/// What Stable Diffusion's own files name.
const HARMLESS: [(&str, &str); 13] = [
    ("collections", "OrderedDict"),
    ("torch", "FloatStorage"),
    ("torch", "HalfStorage"),
    ("torch", "BFloat16Storage"),
    ("torch", "DoubleStorage"),
    ("torch", "LongStorage"),
    ("torch", "IntStorage"),
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch._utils", "_rebuild_parameter"),
    ("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint"),
    ("numpy", "dtype"),
    ("numpy.core.multiarray", "scalar"),
    ("_codecs", "encode"),
];

/// Where training programs put the tensors of a file, in the outermost dictionary.
const USUAL_KEYS: [&str; 5] = ["state_dict", "params_ema", "params", "model", "model_state_dict"];

/// The tensors of a `.ckpt`, and the keys of its outermost dictionary. The tensors lie under `key` where
/// there is such an entry, otherwise directly in it or under one of the usual keys.
pub(super) fn open(path: &Path, key: &str) -> Result<(PthTensors, Vec<String>), Error> {
    let keys = check(path)?;
    let read = |key: Option<&str>| PthTensors::new(path, key).map_err(|e| malformed(path, first_line(&e)));
    let of = |key: &str| {
        let there = keys.iter().any(|own| own == key);
        there.then(|| read(Some(key)).ok()).flatten().filter(|tensors| !tensors.tensor_infos().is_empty())
    };
    let tensors = match of(key).or_else(|| of(USUAL_KEYS[0])) {
        Some(tensors) => tensors,
        None => {
            let tensors = read(None)?;
            if tensors.tensor_infos().is_empty() {
                USUAL_KEYS.iter().find_map(|key| of(key)).unwrap_or(tensors)
            } else {
                tensors
            }
        }
    };
    // Nothing is compressed, so no tensor can be larger than the file; a view of one number that claims
    // to be a billion is not read.
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    for (name, info) in tensors.tensor_infos() {
        let dims = info.layout.dims();
        let bytes = dims.iter().try_fold(info.dtype.size_in_bytes(), |bytes, dim| bytes.checked_mul(*dim));
        if bytes.is_none_or(|bytes| bytes as u64 > size) {
            return Err(malformed(
                path,
                format!("it says that {name} has the shape {dims:?}, more than the file holds"),
            ));
        }
    }
    Ok((tensors, keys))
}

/// Looks through every pickle of the archive; gives the keys of the outermost dictionaries.
fn check(path: &Path) -> Result<Vec<String>, Error> {
    let (mut keys, mut pickles) = (Vec::new(), 0);
    let damaged = |reason: String| malformed(path, format!("its zip archive is damaged ({reason})"));
    let file = File::open(path).map_err(|source| Error::Unreadable { path: path.to_path_buf(), source })?;
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|e| damaged(e.to_string()))?;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|e| damaged(e.to_string()))?;
        // PyTorch compresses nothing; what is compressed could unfold to any size.
        if entry.compression() != zip::CompressionMethod::Stored {
            return Err(malformed(path, "its zip archive is compressed, which PyTorch's files never are"));
        }
        let is_pickle = entry.name().is_ok_and(|name| name.ends_with("data.pkl"));
        if !is_pickle {
            continue;
        }
        pickles += 1;
        if entry.size() > MAX_PICKLE {
            return Err(malformed(path, "its pickle is far too long"));
        }
        let mut pickle = Vec::new();
        entry.take(MAX_PICKLE).read_to_end(&mut pickle).map_err(|e| damaged(e.to_string()))?;
        pickle_size::check(&pickle).map_err(|reason| malformed(path, format!("its pickle was refused: {reason}")))?;
        let mut stack = Stack::empty();
        let object = stack
            .read_loop(&mut pickle.as_slice())
            .and_then(|()| stack.finalize())
            .map_err(|e| malformed(path, format!("its pickle was refused: {}", first_line(&e))))?;
        if let Some(name) = disallowed_global(&object) {
            return Err(malformed(path, format!("it would run {name}, and nothing in a model file is run here")));
        }
        if misshapen(&object) {
            return Err(malformed(path, "its pickle was refused: it describes a tensor with parts missing"));
        }
        if let Object::Dict(pairs) = &object {
            keys.extend(pairs.iter().filter_map(|(key, _)| match key {
                Object::Unicode(key) => Some(key.clone()),
                Object::Int(key) => Some(key.to_string()),
                _ => None,
            }));
        }
    }
    if pickles == 0 {
        return Err(Error::File(format!(
            "{} is a zip archive without a PyTorch model in it; unpack it and give the model file.",
            path.display()
        )));
    }
    Ok(keys)
}

/// The first thing a pickle names that a model file has no need of.
fn disallowed_global(object: &Object) -> Option<String> {
    let any = |objects: &[Object]| objects.iter().find_map(disallowed_global);
    match object {
        Object::Class { module_name, class_name } => {
            let known = HARMLESS.contains(&(module_name.as_str(), class_name.as_str()));
            (!known).then(|| format!("{module_name}.{class_name}"))
        }
        Object::Tuple(items) | Object::List(items) => any(items),
        Object::Dict(pairs) => {
            pairs.iter().find_map(|(key, value)| disallowed_global(key).or_else(|| disallowed_global(value)))
        }
        Object::Reduce { callable, args } | Object::Build { callable, args } => {
            disallowed_global(callable).or_else(|| disallowed_global(args))
        }
        Object::PersistentLoad(inner) => disallowed_global(inner),
        Object::Int(_)
        | Object::Long(_)
        | Object::Float(_)
        | Object::Unicode(_)
        | Object::Bool(_)
        | Object::None
        | Object::Mark => None,
    }
}

/// Whether anything in it builds a tensor of too few parts, or of parts that cannot be: candle's reader
/// takes them as given.
fn misshapen(object: &Object) -> bool {
    match object {
        Object::Tuple(items) | Object::List(items) => items.iter().any(misshapen),
        Object::Dict(pairs) => pairs.iter().any(|(key, value)| misshapen(key) || misshapen(value)),
        Object::PersistentLoad(inner) => misshapen(inner),
        Object::Build { callable, args } => misshapen(callable) || misshapen(args),
        Object::Reduce { callable, args } => {
            let wrong = match (&**callable, &**args) {
                (Object::Class { class_name, .. }, Object::Tuple(args)) if class_name == "_rebuild_tensor_v2" => {
                    !is_tensor(args)
                }
                (Object::Class { class_name, .. }, Object::Tuple(args)) => {
                    class_name == "_rebuild_parameter" && args.is_empty()
                }
                _ => false,
            };
            wrong || misshapen(callable) || misshapen(args)
        }
        _ => false,
    }
}

/// Whether these are the arguments of a tensor: storage, first number, size, strides.
fn is_tensor(args: &[Object]) -> bool {
    let [Object::PersistentLoad(storage), first, Object::Tuple(size), Object::Tuple(strides), ..] = args else {
        return false;
    };
    let first = match first {
        Object::Int(first) => i64::from(*first),
        Object::Long(first) => *first,
        _ => -1,
    };
    let whole = matches!(&**storage, Object::Tuple(storage) if storage.len() >= 5);
    whole && (0..1 << 40).contains(&first) && size.len() == strides.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixture(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
    }

    // The files are written by tests/fixtures/small_ckpt.py with PyTorch 2.15.

    #[test]
    fn tensors_of_every_kind_come_out_as_they_went_in() {
        let (tensors, keys) = open(&fixture("small.ckpt"), "state_dict").expect("opens");
        assert!(keys.contains(&"state_dict".to_owned()) && keys.contains(&"global_step".to_owned()), "{keys:?}");
        let read = |name: &str| -> Vec<f32> {
            let tensor = tensors.get(name).expect("reads").expect("is there");
            tensor.to_dtype(candle_core::DType::F32).and_then(|t| t.flatten_all()?.to_vec1()).expect("numbers")
        };
        assert_eq!(read("model.full"), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(read("model.half"), [0.5, -1.5]);
        assert_eq!(read("model.parameter"), [7.0]);
        assert_eq!(tensors.tensor_infos()["model.full"].layout.dims(), [2, 3]);
    }

    #[test]
    fn a_pickle_that_calls_the_system_is_refused_by_name() {
        let text = open(&fixture("hostile.ckpt"), "state_dict").map(|_| ()).expect_err("refused").to_string();
        assert!(text.contains("it would run posix.system"), "{text}");
    }

    #[test]
    fn a_tensor_with_parts_missing_is_refused() {
        let class = |name: &str| Object::Class { module_name: "torch._utils".into(), class_name: name.into() };
        let storage = |parts: usize| Object::PersistentLoad(Box::new(Object::Tuple(vec![Object::None; parts])));
        let pair = || Object::Tuple(vec![Object::Int(2), Object::Int(2)]);
        let build = |name: &str, args: Vec<Object>| {
            let tensor = Object::Reduce { callable: Box::new(class(name)), args: Box::new(Object::Tuple(args)) };
            misshapen(&Object::Dict(vec![(Object::Unicode("a".into()), tensor)]))
        };
        let tensor = "_rebuild_tensor_v2";
        assert!(!build(tensor, vec![storage(5), Object::Int(0), pair(), pair()]));
        assert!(build(tensor, vec![storage(5), Object::Int(0), pair()]));
        assert!(build(tensor, vec![storage(4), Object::Int(0), pair(), pair()]));
        assert!(build(tensor, vec![storage(5), Object::Int(-1), pair(), pair()]));
        assert!(build(tensor, vec![storage(5), Object::Int(0), pair(), Object::Tuple(Vec::new())]));
        assert!(build("_rebuild_parameter", Vec::new()));
    }

    #[test]
    fn a_file_that_would_unfold_to_more_than_it_is_is_refused() {
        for (name, word) in [("bomb.ckpt", "compressed"), ("huge.ckpt", "more than the file holds")] {
            let text = open(&fixture(name), "state_dict").map(|_| ()).expect_err("refused").to_string();
            assert!(text.contains(word), "{text}");
        }
    }
}
