//! The files that make pictures quick: LoRAs for few steps, and a tiny autoencoder.

use std::path::{Path, PathBuf};

use super::LORA_ENDINGS;
use super::found::FoundModel;
use super::inspected::FoundKind;
use super::named_files::{files_in, names_in_folder};
use crate::engine::{FewSteps, LoraFile, PresetFiles};

/// Folders beside that of the LoRAs in which autoencoders lie.
const VAE_FOLDERS: [&str; 3] = ["vae", "vae_approx", "."];
/// What TAESD is called; what its name holds where it is for other models.
const TINY: &str = "taesd";
const OTHERS: [&str; 3] = ["xl", "sd3", "f1"];

/// The files in the folder of LoRAs, and beside it, that presets use. Only names are looked at.
pub fn preset_files(loras: &Path) -> PresetFiles {
    let names = names_in_folder(loras, &LORA_ENDINGS).into_iter().chain(
        // A name may say nothing where its folder does.
        files_in(loras, &LORA_ENDINGS).into_iter().map(|file| file.inside).filter(|inside| inside.contains('/')),
    );
    let mut few: Vec<String> = names.filter(|name| FewSteps::of_lora(name).is_some()).collect();
    few.dedup();
    PresetFiles { loras: few, tiny_vae: loras.parent().and_then(tiny_vae) }
}

/// The LoRAs among what was found on this machine, as prompts can name them. Of several with one name the first counts.
pub fn loras_among(found: &[FoundModel]) -> Vec<LoraFile> {
    let mut files: Vec<LoraFile> = Vec::new();
    for model in found.iter().filter(|model| model.kind == FoundKind::Lora && model.usable) {
        if let Some(name) = model.lora_name().filter(|name| !files.iter().any(|file| file.name == **name)) {
            files.push(LoraFile { name: name.to_owned(), path: model.path.clone() });
        }
    }
    files
}

/// These files, and what presets use of what was found elsewhere on this machine.
pub fn with_found(files: &PresetFiles, found: &[FoundModel]) -> PresetFiles {
    let is_sd1 = |model: &&FoundModel| model.base.as_ref().is_none_or(|base| base.id == "sd1");
    let mut files = files.clone();
    for LoraFile { name, .. } in loras_among(found) {
        let fits = found.iter().filter(is_sd1).any(|model| model.kind == FoundKind::Lora && model.name == name);
        if fits && FewSteps::of_lora(&name).is_some() && !files.loras.contains(&name) {
            files.loras.push(name);
        }
    }
    let tiny =
        |model: &&FoundModel| model.kind == FoundKind::Vae && model.tiny_vae && model.usable && is_tiny(&model.name);
    files.tiny_vae = files.tiny_vae.or_else(|| found.iter().filter(is_sd1).find(tiny).map(|model| model.path.clone()));
    files
}

fn tiny_vae(root: &Path) -> Option<PathBuf> {
    VAE_FOLDERS.iter().find_map(|folder| {
        let entries = std::fs::read_dir(root.join(folder)).ok()?;
        let mut found: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.file_name().is_some_and(|name| is_tiny(&name.to_string_lossy())))
            .filter(|path| {
                path.join("config.json").is_file()
                    || path.is_file() && path.extension().is_some_and(|ending| ending == "safetensors")
            })
            .collect();
        found.sort();
        found.into_iter().next()
    })
}

/// Whether a file or folder of this name is the tiny autoencoder of Stable Diffusion 1.5.
fn is_tiny(name: &str) -> bool {
    let name = name.to_lowercase();
    name.contains(TINY) && !OTHERS.iter().any(|other| name.contains(other))
        // The halves of the original release are no whole autoencoder.
        && !name.contains("encoder") && !name.contains("decoder")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{BaseModel, Origin};

    #[test]
    fn few_step_loras_and_taesd_are_found_by_name() {
        let root = tempfile::tempdir().expect("folder");
        for file in [
            "loras/ink.safetensors",
            "loras/Hyper-SD15-4steps-lora.safetensors",
            "loras/lcm-lora-sdv1-5/pytorch_lora_weights.safetensors",
            "loras/lcm-lora-sdxl/pytorch_lora_weights.safetensors",
            "vae/taesdxl.safetensors",
            "vae/taesd_decoder.safetensors",
            "vae/taesd/config.json",
        ] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
            std::fs::write(path, "x").expect("writes");
        }
        let found = preset_files(&root.path().join("loras"));
        assert_eq!(found.loras, ["Hyper-SD15-4steps-lora", "lcm-lora-sdv1-5/pytorch_lora_weights"]);
        assert_eq!(found.tiny_vae, Some(root.path().join("vae").join("taesd")));
        assert_eq!(preset_files(&root.path().join("none/loras")), PresetFiles::default());
    }

    fn found(name: &str, kind: FoundKind, base: Option<&str>, tiny_vae: bool) -> FoundModel {
        let base = base.map(|id| BaseModel { id: id.into(), label: id.into() });
        FoundModel {
            name: name.into(),
            path: format!("/cache/{name}").into(),
            kind,
            usable: true,
            sentence: String::new(),
            base,
            precision: String::new(),
            prediction: None,
            tiny_vae,
            size: 1,
            origin: Origin::HubCache,
            folder: "/cache".into(),
            repository: None,
            sha256: None,
            words: Vec::new(),
            preview: None,
        }
    }

    #[test]
    fn what_was_found_elsewhere_is_used_too_and_the_folder_comes_first() {
        let here = [
            found("lcm-lora-sdv1-5", FoundKind::Lora, Some("sd1"), false),
            found("lcm-lora-sdxl", FoundKind::Lora, Some("sdxl"), false),
            found("ink", FoundKind::Lora, None, false),
            found("a:b", FoundKind::Lora, None, false),
            found("taesdxl", FoundKind::Vae, None, true),
            found("taesd", FoundKind::Vae, None, true),
            found("vae", FoundKind::Vae, Some("sd1"), false),
        ];
        let files = with_found(&PresetFiles::default(), &here);
        assert_eq!(files.loras, ["lcm-lora-sdv1-5"]);
        assert_eq!(files.tiny_vae.as_deref(), Some(Path::new("/cache/taesd")));
        let own = PresetFiles { loras: vec!["Hyper-SD15-4steps-lora".into()], tiny_vae: Some("/own/taesd".into()) };
        let files = with_found(&own, &here);
        assert_eq!(files.loras, ["Hyper-SD15-4steps-lora", "lcm-lora-sdv1-5"]);
        assert_eq!(files.tiny_vae.as_deref(), Some(Path::new("/own/taesd")));
        let names: Vec<String> = loras_among(&here).into_iter().map(|lora| lora.name).collect();
        assert_eq!(names, ["lcm-lora-sdv1-5", "lcm-lora-sdxl", "ink"], "a tag cannot hold a colon");
    }
}
