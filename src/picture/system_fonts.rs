//! Fonts of this machine, for characters that the fonts inside the program do not have: Chinese, Japanese, Korean and
//! others.
//!
//! Looked for by the file names that the fonts have on Linux, Windows and macOS. A font is read when the first character
//! needs it. Where none has the character, a box stands for it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use epaint::text::{FallbackRequest, FontData, FontDefinitions, FontId, FontInsert, FontProvider, Fonts, TextOptions};

/// Fonts with many characters, the one that is asked first first. In lower case.
const NAMES: [&str; 34] = [
    "notosanscjk-regular.ttc",
    "notosanscjk-vf.otf.ttc",
    "notosanscjksc-regular.otf",
    "notosanssc-regular.otf",
    "sourcehansans.ttc",
    "sourcehansanssc-regular.otf",
    "pingfang.ttc",
    "hiragino sans gb.ttc",
    "applesdgothicneo.ttc",
    "arial unicode.ttf",
    "msyh.ttc",
    "yugothr.ttc",
    "meiryo.ttc",
    "malgun.ttf",
    "msgothic.ttc",
    "simsun.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "droidsansfallbackfull.ttf",
    "droidsansfallback.ttf",
    "ipag.ttf",
    "nanumgothic.ttf",
    "notosansarabic-regular.ttf",
    "notosanshebrew-regular.ttf",
    "notosansdevanagari-regular.ttf",
    "notosansthai-regular.ttf",
    "segoeui.ttf",
    "seguisym.ttf",
    "nirmala.ttf",
    "leelawui.ttf",
    "helvetica.ttc",
    "dejavusans.ttf",
    "freesans.ttf",
    "unifont.ttf",
];

/// The largest font file that is read, in bytes.
const LARGEST: u64 = 64 << 20;
/// How deep folders of fonts are searched, and how many names are looked at.
const DEEPEST: usize = 5;
const MOST_NAMES: usize = 20_000;

/// One font of this machine, read when it is first asked for.
struct SystemFont {
    path: PathBuf,
    data: OnceLock<Option<FontData>>,
}

impl SystemFont {
    fn data(&self) -> Option<&FontData> {
        let read = || {
            let size = std::fs::metadata(&self.path).ok().filter(std::fs::Metadata::is_file)?.len();
            let bytes = if size <= LARGEST { std::fs::read(&self.path).ok()? } else { return None };
            Some(FontData::from_owned(bytes))
        };
        self.data.get_or_init(read).as_ref()
    }
}

impl FontProvider for SystemFont {
    fn font_for(&self, _: &FallbackRequest<'_>) -> Option<FontInsert> {
        Some(FontInsert::new(&self.path.to_string_lossy(), self.data()?.clone(), Vec::new()))
    }
}

/// A font of this machine that was read.
pub struct FoundFont {
    /// Its file.
    pub name: String,
    /// All of the file.
    pub data: FontData,
}

impl std::fmt::Debug for FoundFont {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FoundFont").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Reads fonts that have these characters, which the fonts inside the program lack, and says which character none has.
/// Looks in these folders and those below them, else in those of this system. Takes up to a second, and for a font of
/// Chinese about 20 MB of memory, at most 64 MB a font.
pub fn find_fonts(characters: &[char], in_folders: Option<&[PathBuf]>) -> (Vec<FoundFont>, Option<char>) {
    let known = in_folders.map_or_else(system_fonts, fonts_in);
    let mut fonts = Fonts::new(TextOptions::default(), FontDefinitions::default()).with_font_providers(known);
    let font = FontId::proportional(14.0);
    let mut missing = None;
    for character in characters {
        if !fonts.has_glyph(&font, *character) {
            missing = missing.or(Some(*character));
        }
    }
    let found = fonts.discovered_fonts().iter();
    (found.map(|font| FoundFont { name: font.name.clone(), data: font.data.clone() }).collect(), missing)
}

/// The fonts of this machine, in the order in which they are asked.
pub(super) fn system_fonts() -> Vec<Arc<dyn FontProvider>> {
    fonts_in(&folders())
}

/// The known fonts in these folders and those below them.
pub(super) fn fonts_in(folders: &[PathBuf]) -> Vec<Arc<dyn FontProvider>> {
    let found = known_fonts(folders);
    let in_order = NAMES.iter().filter_map(|name| found.get(*name));
    in_order
        .map(|path| Arc::new(SystemFont { path: path.clone(), data: OnceLock::new() }) as Arc<dyn FontProvider>)
        .collect()
}

/// Where this system keeps its fonts.
fn folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = dirs::font_dir().into_iter().collect();
    if cfg!(windows) {
        folders.extend(std::env::var_os("WINDIR").map(|windows| Path::new(&windows).join("Fonts")));
        folders.extend(dirs::data_local_dir().map(|data| data.join("Microsoft").join("Windows").join("Fonts")));
    } else if cfg!(target_os = "macos") {
        folders.extend(["/System/Library/Fonts", "/Library/Fonts"].map(PathBuf::from));
    } else {
        folders.extend(["/usr/share/fonts", "/usr/local/share/fonts"].map(PathBuf::from));
        folders.extend(dirs::home_dir().map(|home| home.join(".fonts")));
    }
    folders
}

fn known_fonts(folders: &[PathBuf]) -> HashMap<&'static str, PathBuf> {
    let mut found = HashMap::new();
    let mut left = MOST_NAMES;
    let mut waiting: Vec<(PathBuf, usize)> = folders.iter().rev().map(|folder| (folder.clone(), 0)).collect();
    while let Some((folder, depth)) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            if left == 0 {
                return found;
            }
            left -= 1;
            let name = entry.file_name().to_string_lossy().to_lowercase();
            if let Some(known) = NAMES.iter().find(|known| **known == name) {
                found.entry(*known).or_insert_with(|| entry.path());
            } else if depth < DEEPEST && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                waiting.push((entry.path(), depth + 1));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_fonts_are_found_in_folders_of_folders_in_their_order() {
        let folder = tempfile::tempdir().expect("folder");
        let deep = folder.path().join("truetype").join("droid");
        std::fs::create_dir_all(&deep).expect("folders");
        std::fs::write(deep.join("DroidSansFallback.ttf"), "no font").expect("writes");
        std::fs::write(folder.path().join("MSYH.TTC"), "no font").expect("writes");
        std::fs::write(folder.path().join("other.ttf"), "no font").expect("writes");
        let found = known_fonts(&[folder.path().join("missing"), folder.path().to_path_buf()]);
        assert_eq!(found.len(), 2);
        assert!(found["droidsansfallback.ttf"].starts_with(&deep));
        assert_eq!(fonts_in(&[folder.path().to_path_buf()]).len(), 2);
    }
}
