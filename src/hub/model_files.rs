//! Which files of a repository make one model that this program reads.

use std::collections::HashSet;

use super::{HubError, Repository, RepositoryFile};

/// The folders of a model in the diffusers layout that this program reads.
const FOLDERS: [&str; 5] = ["unet", "vae", "text_encoder", "tokenizer", "scheduler"];
/// Those of them that hold weights.
const WITH_WEIGHTS: [&str; 3] = ["unet", "vae", "text_encoder"];

/// The files of the model in a repository: in the diffusers layout its configs, its tokenizer and one set of weights for
/// each part, safetensors before pickles and half precision before full; else the one checkpoint, LoRA or VAE in the
/// topmost folder.
///
/// # Errors
/// [`HubError::NotFound`] where there is nothing that this program reads, or several files of which a person must name
/// one.
pub fn model_files(repository: &Repository, files: &[RepositoryFile]) -> Result<Vec<RepositoryFile>, HubError> {
    let named = |name: &str| files.iter().find(|file| file.path == name);
    if named("unet/config.json").is_some() {
        return Ok(in_folders(files));
    }
    let id = repository.id();
    let top: Vec<&RepositoryFile> =
        files.iter().filter(|file| !file.path.contains('/') && file.path.ends_with(".safetensors")).collect();
    let paths: HashSet<&str> = top.iter().map(|file| file.path.as_str()).collect();
    let plain = top.iter().filter(|file| is_plain_variant(&file.path, &paths)).copied().collect::<Vec<_>>();
    match plain.as_slice() {
        [one] => {
            // A VAE's or ControlNet's config says what it is. In transformers' layout a network of texts has a vocabulary too.
            let config = named("config.json").into_iter();
            let is_transformers = one.path == "model.safetensors";
            let words = is_transformers.then(|| named("tokenizer.json").or_else(|| named("vocab.txt"))).flatten();
            Ok(config.chain([*one]).chain(words).cloned().collect())
        }
        [] => Err(HubError::NotFound(format!(
            "{id} has no model that this program reads, which are .safetensors files and folders in the diffusers layout; see its files and name one as {id}:FILE."
        ))),
        several => {
            let first = several.first().map_or("", |file| file.path.as_str());
            Err(HubError::NotFound(format!(
                "{id} has {} models; name one of its files, such as {id}:{first}.",
                several.len()
            )))
        }
    }
}

/// The sum of the files' sizes in bytes; those that the hub does not say count as none.
pub fn total_size(files: &[RepositoryFile]) -> u64 {
    files.iter().filter_map(|file| file.size).fold(0, u64::saturating_add)
}

fn in_folders(files: &[RepositoryFile]) -> Vec<RepositoryFile> {
    let mut chosen: Vec<RepositoryFile> = Vec::new();
    for file in files.iter().filter(|file| matches!(file.path.as_str(), "model_index.json" | "underpaint.json")) {
        chosen.push(file.clone());
    }
    for folder in FOLDERS {
        let inside: Vec<&RepositoryFile> = files
            .iter()
            .filter(|file| file.path.rsplit_once('/').is_some_and(|(parent, _)| parent == folder))
            .collect();
        if WITH_WEIGHTS.contains(&folder) {
            chosen.extend(inside.iter().copied().filter(|file| file.path.ends_with("config.json")).cloned());
            chosen.extend(weights(&inside));
        } else {
            let is_text = |file: &&&RepositoryFile| [".json", ".txt"].iter().any(|end| file.path.ends_with(end));
            chosen.extend(inside.iter().filter(is_text).copied().cloned());
        }
    }
    chosen.sort_by(|a, b| a.path.cmp(&b.path));
    chosen
}

/// One set of weights among the files of a folder, whole or in shards with their index.
fn weights(inside: &[&RepositoryFile]) -> Vec<RepositoryFile> {
    for (ending, stems) in
        [(".safetensors", ["diffusion_pytorch_model", "model"]), (".bin", ["diffusion_pytorch_model", "pytorch_model"])]
    {
        for variant in [".fp16", ""] {
            for stem in stems {
                let whole = format!("{stem}{variant}{ending}");
                if let Some(file) = inside.iter().find(|file| name(file) == whole) {
                    return vec![(*file).clone()];
                }
            }
        }
        // Shards of the full precision, whose index this program reads.
        for stem in stems {
            let index = format!("{stem}{ending}.index.json");
            if let Some(index) = inside.iter().find(|file| name(file) == index) {
                let is_shard = |file: &&&RepositoryFile| {
                    name(file)
                        .strip_prefix(stem)
                        .is_some_and(|rest| rest.starts_with('-') && rest.contains("-of-") && rest.ends_with(ending))
                };
                return [*index].into_iter().chain(inside.iter().filter(is_shard).copied()).cloned().collect();
            }
        }
    }
    Vec::new()
}

/// Whether a file at the top is not the other precision of another one.
fn is_plain_variant(path: &str, top: &HashSet<&str>) -> bool {
    let has = |name: String| top.contains(name.as_str());
    let stem = path.trim_end_matches(".safetensors");
    !path.contains(".non_ema.") && !has(format!("{stem}.fp16.safetensors"))
}

fn name(file: &RepositoryFile) -> &str {
    file.path.rsplit('/').next().unwrap_or(&file.path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(paths: &[&str]) -> Result<Vec<String>, String> {
        let file = |path: &&str| RepositoryFile { path: (*path).to_owned(), size: Some(10), sha256: None };
        let files: Vec<RepositoryFile> = paths.iter().map(file).collect();
        let chosen = model_files(&Repository::new("a/b").expect("a repository"), &files);
        let chosen = chosen.map_err(|error| error.to_string())?;
        assert_eq!(total_size(&chosen), 10 * chosen.len() as u64);
        Ok(chosen.into_iter().map(|file| file.path).collect())
    }

    #[test]
    fn of_stable_diffusion_only_what_is_needed_is_fetched() {
        let chosen = of(&[
            ".gitattributes",
            "README.md",
            "feature_extractor/preprocessor_config.json",
            "model_index.json",
            "safety_checker/model.safetensors",
            "scheduler/scheduler_config.json",
            "text_encoder/config.json",
            "text_encoder/model.fp16.safetensors",
            "text_encoder/model.safetensors",
            "text_encoder/pytorch_model.bin",
            "tokenizer/merges.txt",
            "tokenizer/vocab.json",
            "unet/config.json",
            "unet/diffusion_pytorch_model.bin",
            "unet/diffusion_pytorch_model.fp16.safetensors",
            "unet/diffusion_pytorch_model.non_ema.safetensors",
            "unet/diffusion_pytorch_model.safetensors",
            "v1-5-pruned.ckpt",
            "v1-5-pruned.safetensors",
            "vae/config.json",
            "vae/diffusion_pytorch_model.bin",
            "vae/diffusion_pytorch_model.safetensors",
        ]);
        let expected = [
            "model_index.json",
            "scheduler/scheduler_config.json",
            "text_encoder/config.json",
            "text_encoder/model.fp16.safetensors",
            "tokenizer/merges.txt",
            "tokenizer/vocab.json",
            "unet/config.json",
            "unet/diffusion_pytorch_model.fp16.safetensors",
            "vae/config.json",
            "vae/diffusion_pytorch_model.safetensors",
        ];
        assert_eq!(chosen.expect("a model"), expected);
    }

    #[test]
    fn pickles_are_fetched_only_where_there_is_nothing_else_and_shards_come_with_their_index() {
        let chosen = of(&[
            "unet/config.json",
            "unet/diffusion_pytorch_model-00001-of-00002.safetensors",
            "unet/diffusion_pytorch_model-00002-of-00002.safetensors",
            "unet/diffusion_pytorch_model.safetensors.index.json",
            "unet/other.safetensors",
            "vae/config.json",
            "vae/diffusion_pytorch_model.bin",
        ]);
        let expected = [
            "unet/config.json",
            "unet/diffusion_pytorch_model-00001-of-00002.safetensors",
            "unet/diffusion_pytorch_model-00002-of-00002.safetensors",
            "unet/diffusion_pytorch_model.safetensors.index.json",
            "vae/config.json",
            "vae/diffusion_pytorch_model.bin",
        ];
        assert_eq!(chosen.expect("a model"), expected);
    }

    #[test]
    fn one_file_is_the_model_and_several_are_a_question() {
        assert_eq!(of(&["README.md", "lora.safetensors"]).expect("a LoRA"), ["lora.safetensors"]);
        assert_eq!(
            of(&["config.json", "x.fp16.safetensors", "x.safetensors"]).expect("a VAE"),
            ["config.json", "x.fp16.safetensors"]
        );
        let blip =
            ["README.md", "config.json", "model.safetensors", "pytorch_model.bin", "tokenizer.json", "vocab.txt"];
        assert_eq!(of(&blip).expect("a captioner"), ["config.json", "model.safetensors", "tokenizer.json"]);
        assert_eq!(of(&["lora.safetensors", "tokenizer.json"]).expect("a LoRA"), ["lora.safetensors"]);
        let several = of(&["a.safetensors", "b.safetensors"]).expect_err("several");
        assert!(several.contains("2 models") && several.contains("a/b:a.safetensors"), "{several}");
        let none = of(&["model.onnx", "x/y.safetensors"]).expect_err("none");
        assert!(none.contains("no model"), "{none}");
    }
}
