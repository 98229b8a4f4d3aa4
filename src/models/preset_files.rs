//! The files that make pictures quick: LoRAs for few steps, and a tiny autoencoder.

use std::path::{Path, PathBuf};

use super::LORA_ENDINGS;
use super::named_files::{files_in, names_in_folder};
use crate::engine::{FewSteps, PresetFiles};

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

fn tiny_vae(root: &Path) -> Option<PathBuf> {
    let is_tiny = |name: &str| {
        let name = name.to_lowercase();
        name.contains(TINY) && !OTHERS.iter().any(|other| name.contains(other))
            // The halves of the original release are no whole autoencoder.
            && !name.contains("encoder") && !name.contains("decoder")
    };
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
