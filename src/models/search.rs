//! Looks through folders for files of weights and model folders.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::found::FoundModel;
use super::hash::is_sha256;
use super::inspected::{FoundKind, InspectedFile, Inspector};
use super::places::{Origin, Places, SearchFolder};
use super::remembered::Remembered;
use super::stamp::Stamp;
use super::trigger_words::{self, SideFiles};
use crate::engine::{Cancel, Error};

/// How many folders deep is searched.
const DEEPEST: usize = 8;
/// How many entries of folders are looked at in one search.
const MOST_ENTRIES: usize = 200_000;
/// How many models are listed.
const MOST_FOUND: usize = 20_000;
/// The endings of files that are looked into.
const ENDINGS: [&str; 6] = ["safetensors", "ckpt", "pt", "pth", "bin", "gguf"];
/// File names that say nothing: every repository calls its files so.
const GENERIC: [&str; 5] =
    ["pytorch_lora_weights", "diffusion_pytorch_model", "model", "pytorch_model", "learned_embeds"];

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundModels {
    /// The models, by kind and then by name.
    pub list: Vec<FoundModel>,
    /// What could not be read, one sentence each.
    pub troubles: Vec<String>,
}

/// Searches folders. Headers are read only of files that `remembered` does not know; what is learned is noted there.
/// `on_progress` gets the number of models found so far after each.
///
/// # Errors
/// [`Error::Cancelled`].
pub fn search(
    places: &Places,
    inspector: &dyn Inspector,
    remembered: &mut Remembered,
    cancel: &Cancel,
    on_progress: &mut dyn FnMut(usize),
) -> Result<FoundModels, Error> {
    let mut search = Search {
        inspector,
        remembered,
        cancel,
        on_progress,
        seen: HashSet::new(),
        left: MOST_ENTRIES,
        found: FoundModels { list: Vec::new(), troubles: places.troubles.clone() },
    };
    for place in &places.folders {
        search.place(place)?;
    }
    if search.left == 0 || search.found.list.len() >= MOST_FOUND {
        let text = "The folders hold too many files, so the search stopped early. Name folders that hold only models.";
        search.found.troubles.push(text.into());
    }
    let mut found = search.found;
    let order = |kind: FoundKind| FoundKind::ALL.iter().position(|known| *known == kind);
    found.list.sort_by_cached_key(|model| (order(model.kind), model.name.to_lowercase(), model.path.clone()));
    Ok(found)
}

struct Search<'a> {
    inspector: &'a dyn Inspector,
    remembered: &'a mut Remembered,
    cancel: &'a Cancel,
    on_progress: &'a mut dyn FnMut(usize),
    /// The real paths of folders and files that were looked at.
    seen: HashSet<PathBuf>,
    /// How many entries may still be looked at.
    left: usize,
    found: FoundModels,
}

impl Search<'_> {
    fn place(&mut self, place: &SearchFolder) -> Result<(), Error> {
        let mut level = vec![place.path.clone()];
        for _ in 0..DEEPEST {
            let mut below = Vec::new();
            for folder in std::mem::take(&mut level) {
                self.folder(&folder, place, &mut below)?;
            }
            level = below;
        }
        Ok(())
    }

    /// Looks at the entries of a folder; subfolders that are to be searched too go to `below`.
    fn folder(&mut self, folder: &Path, place: &SearchFolder, below: &mut Vec<PathBuf>) -> Result<(), Error> {
        self.cancel.check()?;
        if !self.is_new(folder) {
            return Ok(());
        }
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                let text = error.to_string();
                let reason = text.split(" (os error").next().unwrap_or(&text);
                self.found.troubles.push(format!("The folder {} could not be searched: {reason}.", folder.display()));
                return Ok(());
            }
        };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).take(self.left).collect();
        self.left -= paths.len();
        paths.sort();
        let layout = Layout::of(&paths);
        if layout != Layout::Files {
            self.take(folder, place);
        }
        for path in paths {
            self.cancel.check()?;
            if path.is_dir() {
                if layout != Layout::Model {
                    below.push(path);
                }
            } else if is_weights(&path) && !layout.holds(&path) && self.is_new(&path) {
                self.take(&path, place);
            }
        }
        Ok(())
    }

    /// Whether a path was not looked at before. A link may lead back to a folder, or to a file in another one.
    fn is_new(&mut self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|real| self.seen.insert(real))
    }

    /// Adds a file or a model folder to what was found.
    fn take(&mut self, path: &Path, place: &SearchFolder) {
        let Some(stamp) = Stamp::of(path) else { return };
        if self.found.list.len() >= MOST_FOUND {
            return;
        }
        let (about, mut words) = self.inspected(path, stamp);
        // The hub's cache holds models of every kind of program.
        if place.origin == Origin::HubCache && about.kind == FoundKind::Other {
            return;
        }
        let side = SideFiles::of(path);
        if !side.words.is_empty() {
            words = side.words;
        }
        let sha256 = self.remembered.sha256(path, stamp).map(str::to_owned);
        let is_cached = place.origin == Origin::HubCache;
        let sha256 = sha256.or_else(|| if is_cached { hash_of_cached(path) } else { None });
        self.found.list.push(FoundModel {
            name: name_of(path, place),
            path: path.to_path_buf(),
            kind: about.kind,
            usable: about.usable,
            sentence: about.sentence,
            base: about.base.or(side.base),
            precision: about.precision,
            prediction: about.prediction,
            tiny_vae: about.tiny_vae,
            size: stamp.size,
            origin: place.origin,
            folder: place.path.clone(),
            repository: place.repository.clone(),
            sha256,
            words,
            preview: side.preview,
        });
        (self.on_progress)(self.found.list.len());
    }

    fn inspected(&mut self, path: &Path, stamp: Stamp) -> (InspectedFile, Vec<String>) {
        if let Some((about, words)) = self.remembered.inspected(path, stamp) {
            return (about.clone(), words.to_vec());
        }
        let about = self.inspector.inspect(path);
        let words = match about.kind {
            FoundKind::Lora | FoundKind::TextualInversion => trigger_words::in_header(path),
            FoundKind::Model
            | FoundKind::Vae
            | FoundKind::ControlNet
            | FoundKind::Upscaler
            | FoundKind::Segmenter
            | FoundKind::Captioner
            | FoundKind::DepthEstimator
            | FoundKind::Other => Vec::new(),
        };
        self.remembered.note_inspected(path, stamp, about.clone(), words.clone());
        (about, words)
    }
}

/// What the entries of a folder make of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Files of weights, each for itself, and subfolders.
    Files,
    /// A whole model in diffusers' layout, whose parts are subfolders.
    Model,
    /// One network with its config: a VAE or a ControlNet in diffusers' layout.
    Network,
}

impl Layout {
    fn of(paths: &[PathBuf]) -> Self {
        let named = |name: &str| paths.iter().find(|path| path.file_name().is_some_and(|found| found == name));
        let has = |name: &str| named(name).is_some();
        // ComfyUI has folders of these names too, of files that belong to no one model.
        if has("model_index.json") || named("unet").is_some_and(|unet| unet.join("config.json").is_file()) {
            return Self::Model;
        }
        let weights = |path: &PathBuf| is_weights(path) && Self::Network.holds(path);
        if has("config.json") && paths.iter().any(weights) { Self::Network } else { Self::Files }
    }

    /// Whether a file of weights belongs to the folder as a whole.
    fn holds(self, path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self == Self::Network && name.starts_with("diffusion_pytorch_model")
    }
}

fn is_weights(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)) && path.is_file()
}

fn name_of(path: &Path, place: &SearchFolder) -> String {
    let text = |name: Option<&std::ffi::OsStr>| name.unwrap_or_default().to_string_lossy().into_owned();
    let name = if path.is_dir() { text(path.file_name()) } else { text(path.file_stem()) };
    let says_nothing = GENERIC.iter().any(|generic| name.starts_with(generic)) || path == place.path;
    let of_repository = place.repository.as_deref().and_then(|repository| repository.rsplit('/').next());
    match of_repository {
        Some(repository) if says_nothing => repository.to_owned(),
        None if says_nothing && path.is_file() => text(path.parent().and_then(Path::file_name)),
        _ => name,
    }
}

/// The SHA-256 that the hub's cache says a large file has, 64 hexadecimal digits: it calls its contents so. `None` for
/// other files, and where links cannot be made.
pub fn hash_of_cached(path: &Path) -> Option<String> {
    let blob = std::fs::read_link(path).ok()?;
    let name = blob.file_name()?.to_str()?;
    is_sha256(name).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Tells what a file is by its first bytes, and counts how often it is asked.
    #[derive(Default)]
    struct ByText(AtomicUsize);

    impl Inspector for ByText {
        fn inspect(&self, path: &Path) -> InspectedFile {
            self.0.fetch_add(1, Ordering::Relaxed);
            let text = std::fs::read_to_string(path).unwrap_or_else(|_| "model".into());
            let kind = match text.as_str() {
                "model" => FoundKind::Model,
                "lora" => FoundKind::Lora,
                "vae" => FoundKind::Vae,
                _ => FoundKind::Other,
            };
            InspectedFile { kind, usable: kind != FoundKind::Other, sentence: text, ..InspectedFile::default() }
        }
    }

    struct Disk(tempfile::TempDir);

    impl Disk {
        fn new(files: &[(&str, &str)]) -> Self {
            let disk = Self(tempfile::tempdir().expect("folder"));
            for (name, text) in files {
                let path = disk.at(name);
                std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
                std::fs::write(path, text).expect("writes");
            }
            disk
        }

        fn at(&self, inside: &str) -> PathBuf {
            self.0.path().join(inside)
        }

        fn place(&self, inside: &str, origin: Origin, repository: Option<&str>) -> SearchFolder {
            SearchFolder { path: self.at(inside), origin, repository: repository.map(str::to_owned) }
        }

        fn search(&self, folders: Vec<SearchFolder>, asked: &ByText, remembered: &mut Remembered) -> FoundModels {
            let places = Places { folders, troubles: Vec::new() };
            search(&places, asked, remembered, &Cancel::default(), &mut |_| {}).expect("is not cancelled")
        }

        fn names(&self, folders: Vec<SearchFolder>) -> Vec<(FoundKind, String)> {
            let found = self.search(folders, &ByText::default(), &mut Remembered::default());
            assert!(found.troubles.is_empty(), "{:?}", found.troubles);
            found.list.into_iter().map(|model| (model.kind, model.name)).collect()
        }
    }

    fn named(list: &[(FoundKind, &str)]) -> Vec<(FoundKind, String)> {
        list.iter().map(|(kind, name)| (*kind, (*name).to_owned())).collect()
    }

    #[test]
    fn files_and_model_folders_are_found_each_once() {
        let disk = Disk::new(&[
            ("a/Dream.safetensors", "model"),
            ("a/deep/er/ink.SAFETENSORS", "lora"),
            ("a/notes.txt", "model"),
            ("a/odd.ckpt", "?"),
            ("a/sd/model_index.json", "{}"),
            ("a/unet/plain.safetensors", "vae"),
            ("a/vae/soft.safetensors", "vae"),
            ("a/sd/unet/diffusion_pytorch_model.safetensors", "model"),
            ("a/sd/beside.safetensors", "vae"),
            ("a/taesd/config.json", "{}"),
            ("a/taesd/diffusion_pytorch_model.safetensors", "vae"),
        ]);
        let place = || disk.place("a", Origin::Named, None);
        let expected = named(&[
            (FoundKind::Model, "Dream"),
            (FoundKind::Model, "sd"),
            (FoundKind::Model, "taesd"),
            (FoundKind::Lora, "ink"),
            (FoundKind::Vae, "beside"),
            (FoundKind::Vae, "plain"),
            (FoundKind::Vae, "soft"),
            (FoundKind::Other, "odd"),
        ]);
        assert_eq!(disk.names(vec![place()]), expected);
        assert_eq!(disk.names(vec![place(), disk.place("a/deep", Origin::WebUi, None)]), expected, "each once");
    }

    #[test]
    fn the_second_search_reads_no_headers() {
        let disk = Disk::new(&[("a/one.safetensors", "model"), ("a/two.safetensors", "lora")]);
        let data = disk.at("data");
        let place = || vec![disk.place("a", Origin::Named, None)];
        let mut first = Remembered::open(Some(&data));
        let asked = ByText::default();
        let found = disk.search(place(), &asked, &mut first);
        first.note_sha256(
            &disk.at("a/one.safetensors"),
            Stamp::of(&disk.at("a/one.safetensors")).expect("there"),
            "a".repeat(64),
        );
        first.save().expect("writes");
        assert_eq!(asked.0.load(Ordering::Relaxed), 2);
        let again = disk.search(place(), &asked, &mut Remembered::open(Some(&data)));
        assert_eq!(asked.0.load(Ordering::Relaxed), 2, "nothing was asked again");
        assert_eq!(again.list.len(), found.list.len());
        assert_eq!(again.list[0].web_hash(), Some("aaaaaaaaaa"));
        std::fs::write(disk.at("a/one.safetensors"), "lora!").expect("writes");
        let changed = disk.search(place(), &asked, &mut Remembered::open(Some(&data)));
        assert_eq!(asked.0.load(Ordering::Relaxed), 3, "a replaced file is looked at");
        assert!(changed.list.iter().all(|model| model.web_hash().is_none()));
    }

    #[test]
    fn the_hubs_files_are_called_by_their_repository_where_their_names_say_nothing() {
        let disk = Disk::new(&[
            ("hub/one/pytorch_lora_weights.safetensors", "lora"),
            ("hub/one/Hyper-8steps.safetensors", "lora"),
            ("hub/one/language.safetensors", "?"),
            ("hub/two/model_index.json", "{}"),
            ("own/ink/pytorch_lora_weights.safetensors", "lora"),
        ]);
        let places = vec![
            disk.place("hub/one", Origin::HubCache, Some("who/lcm-lora")),
            disk.place("hub/two", Origin::HubCache, Some("who/sd-turbo")),
            disk.place("own", Origin::Own, None),
        ];
        assert_eq!(
            disk.names(places),
            named(&[
                (FoundKind::Model, "sd-turbo"),
                (FoundKind::Lora, "Hyper-8steps"),
                (FoundKind::Lora, "ink"),
                (FoundKind::Lora, "lcm-lora")
            ])
        );
    }

    #[test]
    fn a_search_can_be_cancelled() {
        let disk = Disk::new(&[("a/one.safetensors", "model"), ("a/two.safetensors", "model")]);
        let places = Places { folders: vec![disk.place("a", Origin::Named, None)], troubles: Vec::new() };
        let cancel = Cancel::default();
        let stop = cancel.clone();
        let ended = search(&places, &ByText::default(), &mut Remembered::default(), &cancel, &mut |_| stop.cancel());
        assert!(matches!(ended, Err(Error::Cancelled)));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_circles_end_and_a_blob_tells_its_hash() {
        use std::os::unix::fs::symlink;
        let hash = "0123456789abcdef".repeat(4);
        let disk = Disk::new(&[(&format!("blobs/{hash}"), "lora"), ("snap/x.txt", ""), ("c/one.safetensors", "model")]);
        symlink(disk.at(&format!("blobs/{hash}")), disk.at("snap/ink.safetensors")).expect("links");
        symlink(disk.at("c"), disk.at("c/again")).expect("links");
        symlink("loop", disk.at("c/loop")).expect("links");
        symlink(disk.at("nowhere"), disk.at("c/gone.safetensors")).expect("links");
        let places = vec![disk.place("snap", Origin::HubCache, Some("who/ink")), disk.place("c", Origin::Named, None)];
        let found = disk.search(places, &ByText::default(), &mut Remembered::default());
        let names: Vec<&str> = found.list.iter().map(|model| model.name.as_str()).collect();
        assert_eq!(names, ["one", "ink"]);
        assert_eq!(found.list[1].sha256.as_deref(), Some(hash.as_str()));
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_cannot_be_read_is_told_once() {
        use std::os::unix::fs::PermissionsExt;
        let disk = Disk::new(&[("a/one.safetensors", "model"), ("a/shut/two.safetensors", "model")]);
        let shut = disk.at("a/shut");
        std::fs::set_permissions(&shut, std::fs::Permissions::from_mode(0o000)).expect("closes");
        let found = disk.search(
            vec![disk.place("a", Origin::Named, None), disk.place("a", Origin::Named, None)],
            &ByText::default(),
            &mut Remembered::default(),
        );
        let readable = std::fs::read_dir(&shut).is_ok();
        std::fs::set_permissions(&shut, std::fs::Permissions::from_mode(0o755)).expect("opens");
        // The system's administrator may read everything.
        assert_eq!(found.troubles.len(), usize::from(!readable), "{:?}", found.troubles);
        assert!(found.list.iter().any(|model| model.name == "one"));
    }
}
