//! The folder of palettes.

use std::path::{Path, PathBuf};

use super::Palette;
use super::gpl::{self, read_gpl, write_gpl};
use crate::picture::{plain_reason, write_atomically};

/// The folder inside the data folder.
const FOLDER: &str = "palettes";

/// The ending of palette files.
const ENDING: &str = "gpl";

/// How many palettes are read.
const MOST: usize = 200;

/// The palette that the program comes with, and its file.
const BASIC: (&str, &str) = ("basic-colours.gpl", include_str!("../../assets/basic-colours.gpl"));

/// Why a palette could not be read or written, as one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaletteError {
    /// The file cannot be read.
    #[error("{} could not be read: {reason}.", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file is no palette.
    #[error("{} is no GIMP palette: {reason}.", path.display())]
    NoPalette {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file could not be written or removed.
    #[error("{0}")]
    Write(String),
}

/// A palette and the file that keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPalette {
    /// The file's name inside the folder of palettes.
    pub file: String,
    /// The palette.
    pub palette: Palette,
}

impl KeptPalette {
    /// What lists call it: its name, or that of its file if it has none.
    pub fn label(&self) -> &str {
        match self.palette.name() {
            "" => self.file.strip_suffix(".gpl").unwrap_or(&self.file),
            name => name,
        }
    }

    /// Writes the palette into the data folder.
    ///
    /// # Errors
    /// What the file system reports.
    pub fn keep(&self, data: &Path) -> Result<(), PaletteError> {
        let folder = data.join(FOLDER);
        let fail = |reason: String| PaletteError::Write(format!("{} could not be made: {reason}.", folder.display()));
        std::fs::create_dir_all(&folder).map_err(|error| fail(plain_reason(&error)))?;
        export(&self.palette, &folder.join(&self.file))
    }

    /// Removes the palette's file from the data folder. One that is not there counts as removed.
    ///
    /// # Errors
    /// What the file system reports.
    pub fn remove(&self, data: &Path) -> Result<(), PaletteError> {
        let path = data.join(FOLDER).join(&self.file);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                let reason = plain_reason(&error);
                Err(PaletteError::Write(format!("{} could not be removed: {reason}.", path.display())))
            }
            _ => Ok(()),
        }
    }
}

/// All palettes, in the order of their labels. There is always at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaletteLibrary {
    palettes: Vec<KeptPalette>,
    /// Names of files in the folder that could not be read, which no palette may take.
    taken: Vec<String>,
}

impl Default for PaletteLibrary {
    /// The palette that the program comes with.
    fn default() -> Self {
        Self { palettes: vec![basic()], taken: Vec::new() }
    }
}

fn basic() -> KeptPalette {
    let palette = read_gpl(BASIC.1.as_bytes()).unwrap_or_default();
    KeptPalette { file: BASIC.0.to_owned(), palette }
}

impl PaletteLibrary {
    /// Reads the folder inside the data folder, and says which files could not be read. The palette of the program is there
    /// unless the folder has palettes but not this one.
    pub fn read(data: &Path) -> (Self, Vec<PaletteError>) {
        let (mut palettes, mut taken, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        let entries = std::fs::read_dir(data.join(FOLDER)).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| is_palette(path)).collect();
        paths.sort();
        for path in paths.into_iter().take(MOST) {
            let Some(file) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
            match read_file(&path) {
                Ok(palette) => palettes.push(KeptPalette { file, palette }),
                Err(error) => {
                    taken.push(file);
                    failed.push(error);
                }
            }
        }
        if palettes.is_empty() {
            palettes.push(basic());
        }
        let mut library = Self { palettes, taken };
        library.sort();
        (library, failed)
    }

    /// All palettes.
    pub fn all(&self) -> &[KeptPalette] {
        &self.palettes
    }

    /// The palette with this file, or the first one if there is none.
    pub fn get(&self, file: &str) -> Option<&KeptPalette> {
        self.palettes.iter().find(|kept| kept.file == file).or(self.palettes.first())
    }

    /// The palette with this file, to be changed.
    pub fn get_mut(&mut self, file: &str) -> Option<&mut KeptPalette> {
        self.palettes.iter_mut().find(|kept| kept.file == file)
    }

    /// Adds a palette under a free file name. Returns that name, or `None` if there are too many palettes.
    pub fn add(&mut self, palette: Palette) -> Option<String> {
        if self.palettes.len() >= MOST {
            return None;
        }
        let stem = file_stem(palette.name());
        let names = (1..).map(|number| match number {
            1 => format!("{stem}.{ENDING}"),
            number => format!("{stem}-{number}.{ENDING}"),
        });
        // Some disks take names for the same that differ in case only.
        let is_free = |name: &String| {
            let mut known = self.palettes.iter().map(|kept| &kept.file).chain(&self.taken);
            !known.any(|known| known.to_lowercase() == *name)
        };
        let file = names.take(2 * MOST).find(is_free)?;
        self.palettes.push(KeptPalette { file: file.clone(), palette });
        self.sort();
        Some(file)
    }

    /// Takes a palette out. The last one leaves the palette of the program in its place.
    pub fn remove(&mut self, file: &str) -> Option<KeptPalette> {
        let at = self.palettes.iter().position(|kept| kept.file == file)?;
        let removed = self.palettes.remove(at);
        if self.palettes.is_empty() {
            self.palettes.push(basic());
        }
        Some(removed)
    }

    /// Restores the order after a palette got another name.
    pub fn sort(&mut self) {
        self.palettes.sort_by_key(|kept| (kept.label().to_lowercase(), kept.file.clone()));
    }
}

fn is_palette(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(ENDING))
}

/// A palette's name as the name of a file on every system: letters, digits and hyphens.
fn file_stem(name: &str) -> String {
    let letters = name.to_lowercase();
    let words: Vec<&str> =
        letters.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let stem: String = words.join("-").chars().take(40).collect();
    // Windows keeps some short names for devices.
    match stem.len() {
        0..=4 => format!("palette-{stem}").trim_end_matches('-').to_owned(),
        _ => stem,
    }
}

fn read_file(path: &Path) -> Result<Palette, PaletteError> {
    let fail = |reason: String| PaletteError::Read { path: path.to_path_buf(), reason };
    let about = std::fs::metadata(path).map_err(|error| fail(plain_reason(&error)))?;
    // Looked at before it is opened: reading a pipe waits.
    if !about.is_file() {
        return Err(fail("it is not a file".into()));
    }
    let no_palette = |error: gpl::GplError| PaletteError::NoPalette { path: path.into(), reason: error.to_string() };
    if about.len() > gpl::LONGEST {
        return Err(no_palette(gpl::GplError::TooLong));
    }
    let bytes = std::fs::read(path).map_err(|error| fail(plain_reason(&error)))?;
    read_gpl(&bytes).map_err(no_palette)
}

/// Reads a palette from any file. One without a name gets that of its file.
///
/// # Errors
/// A file that cannot be read or is no palette.
pub fn import(path: &Path) -> Result<Palette, PaletteError> {
    let mut palette = read_file(path)?;
    if palette.name().is_empty() {
        palette.rename(&path.file_stem().unwrap_or_default().to_string_lossy());
    }
    Ok(palette)
}

/// Writes a palette to any file; one of this name is replaced.
///
/// # Errors
/// What the file system reports.
pub fn export(palette: &Palette, path: &Path) -> Result<(), PaletteError> {
    write_atomically(path, write_gpl(palette).as_bytes()).map_err(|error| PaletteError::Write(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::Rgb;
    use crate::palettes::Swatch;

    fn named(name: &str) -> Palette {
        let mut palette = Palette::new(name);
        palette.push(Swatch::new(Rgb([1, 2, 3]), "one"));
        palette
    }

    #[test]
    fn the_program_comes_with_a_palette_in_which_no_colour_comes_twice() {
        let library = PaletteLibrary::default();
        let palette = &library.all()[0].palette;
        let colors: std::collections::HashSet<Rgb> = palette.swatches().iter().map(|swatch| swatch.color).collect();
        assert_eq!((palette.name(), palette.swatches().len(), colors.len()), ("Basic colours", 24, 24));
        assert!(palette.swatches().iter().all(|swatch| !swatch.name().is_empty()));
    }

    #[test]
    fn palettes_are_kept_and_a_damaged_file_is_told_and_left_alone() {
        let data = tempfile::tempdir().expect("folder");
        let (mut library, failed) = PaletteLibrary::read(data.path());
        assert_eq!((library.clone(), failed.len()), (PaletteLibrary::default(), 0));
        let file = library.add(named("Äpfel & pears!")).expect("added");
        assert_eq!(file, "pfel-pears.gpl");
        for kept in library.all() {
            kept.keep(data.path()).expect("writes");
        }
        assert_eq!(PaletteLibrary::read(data.path()), (library.clone(), vec![]));

        let bad = data.path().join("palettes/bad-one.gpl");
        std::fs::write(&bad, "no palette").expect("writes");
        std::fs::write(data.path().join("palettes/notes.txt"), "other").expect("writes");
        std::fs::create_dir(data.path().join("palettes/folder.gpl")).expect("folder");
        let (mut read, failed) = PaletteLibrary::read(data.path());
        assert_eq!(read.all(), library.all());
        let told: Vec<String> = failed.iter().map(ToString::to_string).collect();
        assert!(told.len() == 2 && told[0].contains("bad-one.gpl") && told[0].contains("first line"), "{told:?}");
        assert_eq!(read.add(named("Bad one")).as_deref(), Some("bad-one-2.gpl"));
        assert_eq!(std::fs::read_to_string(&bad).expect("reads"), "no palette");
    }

    #[test]
    fn names_of_files_are_free_and_allowed_everywhere() {
        let mut library = PaletteLibrary::default();
        let mut add = |name: &str| library.add(named(name)).expect("added");
        assert_eq!([add("Basic Colours"), add("basic colours")], ["basic-colours-2.gpl", "basic-colours-3.gpl"]);
        assert_eq!([add(""), add("CON"), add("../../x/y")], ["palette.gpl", "palette-con.gpl", "palette-x-y.gpl"]);
        assert_eq!(add("緑"), "palette-2.gpl");
        assert!(add(&"long ".repeat(90)).len() <= 44);
        for _ in 0..MOST {
            library.add(named("more"));
        }
        assert_eq!((library.all().len(), library.add(named("one too many"))), (MOST, None));
    }

    #[test]
    fn the_last_palette_leaves_the_one_of_the_program() {
        let data = tempfile::tempdir().expect("folder");
        let mut library = PaletteLibrary::default();
        let file = library.add(named("Other")).expect("added");
        for kept in library.all() {
            kept.keep(data.path()).expect("writes");
        }
        let removed = library.remove(BASIC.0).expect("removed");
        removed.remove(data.path()).expect("removes");
        removed.remove(data.path()).expect("is gone already");
        assert_eq!(PaletteLibrary::read(data.path()).0, library);
        assert!(library.remove(&file).is_some() && library.remove(&file).is_none());
        assert_eq!(library, PaletteLibrary::default());
    }

    #[test]
    fn a_palette_goes_to_another_file_and_comes_back() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("Garden.gpl");
        export(&named(""), &path).expect("writes");
        let palette = import(&path).expect("reads");
        assert_eq!((palette.name(), palette.swatches().len()), ("Garden", 1));
        std::fs::write(&path, vec![b'x'; 3 << 20]).expect("writes");
        assert!(import(&path).expect_err("refused").to_string().contains("too long"));
        assert!(import(folder.path()).is_err() && import(&folder.path().join("missing.gpl")).is_err());
        assert!(export(&named("x"), &folder.path().join("missing/x.gpl")).is_err());
    }
}
