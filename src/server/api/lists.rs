//! The addresses that list what there is.

use serde_json::{Value, json};
use sysinfo::System;

use super::round_fields::SOFT_INPAINTING;
use crate::engine::{Sampler, Schedule};
use crate::models::{EMBEDDING_ENDINGS, FoundKind, FoundModel, LORA_ENDINGS, files_in, names_in_folder};
use crate::server::model_shelf::ListedModel;
use crate::server::shared::Shared;

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum List {
    Samplers,
    Schedulers,
    Models,
    Vaes,
    Loras,
    Embeddings,
    Styles,
    Options,
    Scripts,
    Flags,
    Memory,
    /// Kinds of things that this program does not have.
    Nothing,
    /// Searches the models again and says nothing.
    Refresh,
}

/// A list as the web UI answers it. May search folders; do not call it on the thread of the connections.
pub(in crate::server) fn list(shared: &Shared, which: List) -> Value {
    match which {
        List::Samplers => Sampler::ALL.into_iter().map(sampler).collect(),
        List::Schedulers => Schedule::all().map(scheduler).collect(),
        List::Models => shared.shelf.models().into_iter().map(model).collect(),
        List::Vaes => {
            let vae = |(name, path): (String, std::path::PathBuf)| json!({"model_name": name, "filename": path});
            shared.shelf.vaes().into_iter().map(vae).collect()
        }
        List::Loras => loras(shared),
        List::Embeddings => embeddings(shared),
        List::Styles => {
            let styles = shared.styles.all().iter();
            styles.map(|s| json!({"name": s.name, "prompt": s.prompt, "negative_prompt": s.negative})).collect()
        }
        List::Options => shared.options().json(&shared.shelf),
        List::Scripts => json!({"txt2img": [], "img2img": [SOFT_INPAINTING]}),
        List::Flags => flags(shared),
        List::Memory => memory(),
        List::Nothing => json!([]),
        List::Refresh => {
            shared.shelf.search();
            Value::Null
        }
    }
}

fn sampler(sampler: Sampler) -> Value {
    let scheduler = match sampler.own_schedule() {
        Schedule::Uniform => json!({}),
        own => json!({"scheduler": own.id().replace('-', "_")}),
    };
    json!({"name": sampler.label(), "aliases": [sampler.id()], "options": scheduler})
}

fn scheduler(schedule: Schedule) -> Value {
    json!({
        "name": schedule.id().replace('-', "_"),
        "label": schedule.label(),
        "aliases": null,
        "default_rho": -1.0,
        "need_inner_model": false,
    })
}

fn model(model: ListedModel) -> Value {
    json!({
        "title": model.title,
        "model_name": model.name,
        "hash": model.hash,
        "sha256": model.sha256,
        "filename": model.file,
        "config": null,
    })
}

fn loras(shared: &Shared) -> Value {
    let lora = |(name, path): (String, String)| json!({"name": name, "alias": name, "path": path, "metadata": {}});
    let folder = shared.runtime.loras.iter().flat_map(|folder| files_in(folder, &LORA_ENDINGS));
    let mut loras: Vec<(String, String)> =
        folder.map(|file| (file.name, file.path.to_string_lossy().into_owned())).collect();
    for found in shared.shelf.loras() {
        if !loras.iter().any(|(name, _)| *name == found.name) {
            loras.push((found.name, found.path.to_string_lossy().into_owned()));
        }
    }
    loras.into_iter().map(lora).collect()
}

fn embeddings(shared: &Shared) -> Value {
    let entry = json!({"step": null, "sd_checkpoint": null, "sd_checkpoint_name": null, "shape": 768, "vectors": 1});
    let folder = shared.runtime.embeddings.iter();
    let names = folder.flat_map(|folder| names_in_folder(folder, &EMBEDDING_ENDINGS));
    let loaded: serde_json::Map<String, Value> = names.map(|name| (name, entry.clone())).collect();
    // Only what is in the folder of textual inversions can be named by a prompt.
    let is_skipped =
        |found: &&FoundModel| found.kind == FoundKind::TextualInversion && !loaded.contains_key(&found.name);
    let skipped: serde_json::Map<String, Value> =
        shared.shelf.found().list.iter().filter(is_skipped).map(|found| (found.name.clone(), entry.clone())).collect();
    json!({"loaded": loaded, "skipped": skipped})
}

fn flags(shared: &Shared) -> Value {
    json!({
        "api": true,
        "api_auth": null,
        "nowebui": true,
        "listen": !shared.is_local,
        "lora_dir": shared.runtime.loras,
        "embeddings_dir": shared.runtime.embeddings,
        "ckpt_dir": null,
        "use_cpu": [],
    })
}

/// Memory of the machine in bytes.
fn memory() -> Value {
    let mut system = System::new();
    system.refresh_memory();
    let (free, used, total) = (system.available_memory(), system.used_memory(), system.total_memory());
    json!({"ram": {"free": free, "used": used, "total": total}, "cuda": {"error": "unavailable"}})
}
