//! Which folders are searched for models: those that the person named, and those of other programs where they
//! usually lie. They are only looked at, never written to.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::comfy_paths;
use crate::hub::cache::Cache;

/// Which program put a file where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// This program's own folder.
    Own,
    /// A folder that the person named.
    Named,
    /// AUTOMATIC1111's web UI, or Forge, which has the same folders.
    WebUi,
    /// ComfyUI.
    ComfyUi,
    /// InvokeAI.
    InvokeAi,
    /// The server that Krita AI Diffusion installs.
    KritaAi,
    /// The cache of the Hugging Face hub.
    HubCache,
}

impl Origin {
    /// The name people know it by.
    pub fn label(self) -> &'static str {
        match self {
            Self::Own => "underpaint",
            Self::Named => "named folder",
            Self::WebUi => "web UI",
            Self::ComfyUi => "ComfyUI",
            Self::InvokeAi => "InvokeAI",
            Self::KritaAi => "Krita AI",
            Self::HubCache => "Hugging Face cache",
        }
    }
}

/// A folder that is searched with all its subfolders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchFolder {
    /// The folder.
    pub path: PathBuf,
    /// Whose it is.
    pub origin: Origin,
    /// Of the hub's cache: the repository, `owner/name`.
    pub repository: Option<String>,
}

/// What the system says about where programs keep their files.
pub struct Surroundings {
    /// This program's own folder of data.
    pub own: Option<PathBuf>,
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// The user's folder of documents.
    pub documents: Option<PathBuf>,
    /// Where programs keep the user's data: `~/.local/share`, `~/Library/Application Support`, `%APPDATA%`.
    pub data: Option<PathBuf>,
    /// Where programs keep the user's settings: `~/.config`, `~/Library/Application Support`, `%APPDATA%`.
    pub config: Option<PathBuf>,
    /// Folders in which programs for all users are installed.
    pub shared: Vec<PathBuf>,
    /// The folder of the Hugging Face hub's cache.
    pub hub_cache: Option<PathBuf>,
    /// The environment's variables.
    pub variable: fn(&str) -> Option<OsString>,
}

impl Surroundings {
    /// What this system says. `own` is the program's own folder of data.
    pub fn of_this_system(own: Option<PathBuf>) -> Self {
        let shared: &[&str] = if cfg!(windows) { &["C:\\", "D:\\"] } else { &["/opt", "/srv"] };
        Self {
            own,
            home: dirs::home_dir(),
            documents: dirs::document_dir(),
            data: dirs::data_dir(),
            config: dirs::config_dir(),
            shared: shared.iter().map(PathBuf::from).collect(),
            // Without a home there is no cache to search, and fetching says so.
            hub_cache: crate::hub::Environment::of_this_process().ok().map(|environment| environment.cache),
            variable: |name| std::env::var_os(name),
        }
    }

    /// Nothing but the program's own folder.
    pub fn only(own: Option<PathBuf>) -> Self {
        Self {
            own,
            home: None,
            documents: None,
            data: None,
            config: None,
            shared: Vec::new(),
            hub_cache: None,
            variable: |_| None,
        }
    }
}

/// The folders to search, and what could not be read on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// The folders, those of this program and the named ones first. All of them exist.
    pub folders: Vec<SearchFolder>,
    /// What could not be read, one sentence each.
    pub troubles: Vec<String>,
}

/// Where other programs' folders are usually called so: below the home folder, the documents or a drive.
const NAMES: [&str; 11] = [
    "stable-diffusion-webui",
    "stable-diffusion-webui-forge",
    "sd-webui-forge",
    "sd-webui-forge-neo",
    "sd.webui/webui",
    "webui_forge/webui",
    "ComfyUI",
    "comfy/ComfyUI",
    "ComfyUI_windows_portable/ComfyUI",
    "invokeai",
    "InvokeAI",
];

/// The folders to search: the program's own, the named ones, and those of other programs that are found.
pub fn places(around: &Surroundings, named: &[PathBuf]) -> Places {
    let mut found = Finding { around, places: Places::default() };
    if let Some(own) = &around.own {
        for inside in ["models", "loras", "embeddings"] {
            found.add(own.join(inside), Origin::Own);
        }
    }
    for folder in named {
        if folder.is_dir() {
            found.named(folder);
        } else {
            let text =
                format!("The folder {} is not there. Take it out of the list, or connect its drive.", folder.display());
            found.places.troubles.push(text);
        }
    }
    found.other_programs();
    if let Some(cache) = &around.hub_cache {
        found.hub_cache(cache);
    }
    found.places
}

struct Finding<'a> {
    around: &'a Surroundings,
    places: Places,
}

impl Finding<'_> {
    /// Adds a folder if it exists and is not there yet.
    fn add(&mut self, path: PathBuf, origin: Origin) {
        if path.is_dir() && !self.places.folders.iter().any(|known| known.path == path) {
            self.places.folders.push(SearchFolder { path, origin, repository: None });
        }
    }

    /// A folder that the person named: of a known program its model folders, else all of it.
    fn named(&mut self, folder: &Path) {
        if !self.program(folder, Some(Origin::Named)) {
            self.add(folder.to_path_buf(), Origin::Named);
        }
    }

    fn other_programs(&mut self) {
        let around = self.around;
        let home_folders =
            around.home.iter().flat_map(|home| [home.clone(), home.join("Downloads"), home.join("Desktop")]);
        let parents: Vec<PathBuf> =
            home_folders.chain(around.documents.iter().cloned()).chain(around.shared.iter().cloned()).collect();
        for parent in &parents {
            for name in NAMES {
                self.program(&parent.join(name), None);
            }
        }
        if let Some(root) = (around.variable)("INVOKEAI_ROOT").filter(|root| !root.is_empty()) {
            self.program(Path::new(&root), None);
        }
        // The desktop version of ComfyUI keeps its list beside its settings.
        if let Some(config) = &around.config {
            let list = config.join("ComfyUI").join("extra_models_config.yaml");
            if list.is_file() {
                self.comfy_list(&list, Origin::ComfyUi);
            }
        }
        let flatpak = around.home.as_ref().map(|home| home.join(".var/app/org.kde.krita/data"));
        for data in around.data.iter().chain(flatpak.iter()) {
            for inside in ["krita/ai_diffusion", "krita-ai-diffusion"] {
                self.krita(&data.join(inside));
            }
        }
    }

    /// Adds the model folders of a program installed in `root`; `false` if it is no program that is known. `origin`
    /// takes the place of the program's.
    fn program(&mut self, root: &Path, origin: Option<Origin>) -> bool {
        let models = root.join("models");
        let of = |own: Origin| origin.unwrap_or(own);
        if models.join("Stable-diffusion").is_dir() {
            for inside in
                ["Stable-diffusion", "Lora", "LyCORIS", "VAE", "VAE-approx", "ControlNet", "ESRGAN", "RealESRGAN"]
            {
                self.add(models.join(inside), of(Origin::WebUi));
            }
            self.add(root.join("embeddings"), of(Origin::WebUi));
            self.add(root.join("extensions/sd-webui-controlnet/models"), of(Origin::WebUi));
            return true;
        }
        let list = root.join("extra_model_paths.yaml");
        if models.join("checkpoints").is_dir() || list.is_file() {
            self.comfy_folders(&models, of(Origin::ComfyUi));
            if list.is_file() {
                self.comfy_list(&list, of(Origin::ComfyUi));
            }
            return true;
        }
        if root.join("invokeai.yaml").is_file() || models.join("sd-1").is_dir() {
            self.add(models, of(Origin::InvokeAi));
            return true;
        }
        if root.join("ComfyUI/models").is_dir() {
            self.krita_server(root, of(Origin::KritaAi));
            return true;
        }
        false
    }

    fn comfy_folders(&mut self, models: &Path, origin: Origin) {
        for inside in
            ["checkpoints", "diffusers", "loras", "vae", "vae_approx", "embeddings", "controlnet", "upscale_models"]
        {
            self.add(models.join(inside), origin);
        }
    }

    fn comfy_list(&mut self, list: &Path, origin: Origin) {
        match comfy_paths::read(list, &self.around.variable, self.around.home.as_deref()) {
            Ok(folders) => folders.into_iter().for_each(|folder| self.add(folder, origin)),
            Err(trouble) => self.places.troubles.push(trouble),
        }
    }

    /// Krita AI Diffusion keeps its server in the folder `server`, unless its settings name another one.
    fn krita(&mut self, folder: &Path) {
        let settings = super::kept_json::read(&folder.join("settings.json")).unwrap_or_default();
        let chosen = settings["server_path"].as_str().map(PathBuf::from).filter(|path| path.is_absolute());
        for server in [Some(folder.join("server")), chosen].into_iter().flatten() {
            self.krita_server(&server, Origin::KritaAi);
        }
    }

    fn krita_server(&mut self, server: &Path, origin: Origin) {
        for models in ["models", "ComfyUI/models"] {
            self.comfy_folders(&server.join(models), origin);
        }
    }

    /// Every revision of every repository in the hub's cache; of each repository the named one comes first.
    fn hub_cache(&mut self, cache: &Path) {
        match Cache::new(cache.to_path_buf()).repositories() {
            Ok(repositories) => {
                let revisions = repositories.into_iter().flat_map(|repository| {
                    repository.revisions.into_iter().map(move |revision| (repository.id.clone(), revision.folder))
                });
                self.places.folders.extend(revisions.map(|(repository, path)| SearchFolder {
                    path,
                    origin: Origin::HubCache,
                    repository: Some(repository),
                }));
            }
            Err(error) => self.places.troubles.push(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Machine(tempfile::TempDir);

    impl Machine {
        fn new(folders: &[&str]) -> Self {
            let machine = Self(tempfile::tempdir().expect("folder"));
            for folder in folders {
                std::fs::create_dir_all(machine.0.path().join(folder)).expect("folder");
            }
            machine
        }

        fn around(&self) -> Surroundings {
            let at = |inside: &str| Some(self.0.path().join(inside));
            Surroundings {
                own: at("data/underpaint"),
                home: at("home"),
                documents: at("home/Documents"),
                data: at("data"),
                config: at("config"),
                shared: vec![self.0.path().join("opt")],
                hub_cache: at("hub"),
                variable: |_| None,
            }
        }

        fn found(&self, named: &[&str]) -> (Vec<(Origin, String)>, Vec<String>) {
            let named: Vec<PathBuf> = named.iter().map(|inside| self.0.path().join(inside)).collect();
            let Places { folders, troubles } = places(&self.around(), &named);
            let inside = |path: &Path| {
                let inside = path.strip_prefix(self.0.path()).unwrap_or(path);
                inside.to_string_lossy().replace('\\', "/")
            };
            (folders.iter().map(|folder| (folder.origin, inside(&folder.path))).collect(), troubles)
        }
    }

    #[test]
    fn the_folders_of_every_program_are_found_where_they_usually_lie() {
        let machine = Machine::new(&[
            "data/underpaint/loras",
            "home/stable-diffusion-webui/models/Stable-diffusion",
            "home/stable-diffusion-webui/models/Lora",
            "home/stable-diffusion-webui/embeddings",
            "home/Documents/ComfyUI/models/checkpoints",
            "home/Documents/ComfyUI/models/controlnet",
            "opt/invokeai/models/sd-1/main",
            "data/krita/ai_diffusion/server/models/checkpoints",
            "hub/models--Lykon--DreamShaper/snapshots/0123456789abcdef0123456789abcdef01234567",
            "hub/datasets--a--b/snapshots/abc",
        ]);
        let (found, troubles) = machine.found(&[]);
        let expected = [
            (Origin::Own, "data/underpaint/loras"),
            (Origin::WebUi, "home/stable-diffusion-webui/models/Stable-diffusion"),
            (Origin::WebUi, "home/stable-diffusion-webui/models/Lora"),
            (Origin::WebUi, "home/stable-diffusion-webui/embeddings"),
            (Origin::ComfyUi, "home/Documents/ComfyUI/models/checkpoints"),
            (Origin::ComfyUi, "home/Documents/ComfyUI/models/controlnet"),
            (Origin::InvokeAi, "opt/invokeai/models"),
            (Origin::KritaAi, "data/krita/ai_diffusion/server/models/checkpoints"),
            (Origin::HubCache, "hub/models--Lykon--DreamShaper/snapshots/0123456789abcdef0123456789abcdef01234567"),
        ];
        assert_eq!(found, expected.map(|(origin, path)| (origin, path.to_owned())));
        assert!(troubles.is_empty(), "{troubles:?}");
        let repository = places(&machine.around(), &[]).folders.pop().and_then(|folder| folder.repository);
        assert_eq!(repository.as_deref(), Some("Lykon/DreamShaper"));
    }

    #[test]
    fn a_named_folder_is_a_programs_or_is_searched_whole() {
        let machine = Machine::new(&["forge/models/Stable-diffusion", "forge/models/ESRGAN", "disk/anything"]);
        let (found, troubles) = machine.found(&["forge", "disk", "gone"]);
        let expected = [
            (Origin::Named, "forge/models/Stable-diffusion"),
            (Origin::Named, "forge/models/ESRGAN"),
            (Origin::Named, "disk"),
        ];
        assert_eq!(found, expected.map(|(origin, path)| (origin, path.to_owned())));
        assert!(troubles.len() == 1 && troubles[0].contains("gone is not there"), "{troubles:?}");
    }

    #[test]
    fn comfyuis_list_of_folders_is_followed_and_a_damaged_one_is_told() {
        let machine = Machine::new(&["comfy/models/checkpoints", "shared/sd", "config/ComfyUI", "desk/loras"]);
        let root = machine.0.path();
        let yaml = format!("a:\n  base_path: {}\n  checkpoints: sd\n", root.join("shared").display());
        std::fs::write(root.join("comfy/extra_model_paths.yaml"), yaml).expect("writes");
        let yaml = format!("a:\n  base_path: {}\n  loras: loras\n", root.join("desk").display());
        std::fs::write(root.join("config/ComfyUI/extra_models_config.yaml"), yaml).expect("writes");
        let (found, troubles) = machine.found(&["comfy"]);
        let expected = [
            (Origin::Named, "comfy/models/checkpoints"),
            (Origin::Named, "shared/sd"),
            (Origin::ComfyUi, "desk/loras"),
        ];
        assert_eq!(found, expected.map(|(origin, path)| (origin, path.to_owned())));
        assert!(troubles.is_empty());
        std::fs::write(root.join("comfy/extra_model_paths.yaml"), "a: [").expect("writes");
        let (_, troubles) = machine.found(&["comfy"]);
        assert!(troubles.len() == 1 && troubles[0].contains("no valid YAML"), "{troubles:?}");
    }

    #[test]
    fn krita_ais_settings_may_name_another_server() {
        let machine = Machine::new(&["data/krita/ai_diffusion", "big/server/ComfyUI/models/loras"]);
        let server = machine.0.path().join("big/server");
        let settings = serde_json::json!({"server_path": server}).to_string();
        std::fs::write(machine.0.path().join("data/krita/ai_diffusion/settings.json"), settings).expect("writes");
        assert_eq!(machine.found(&[]).0, [(Origin::KritaAi, "big/server/ComfyUI/models/loras".to_owned())]);
    }
}
