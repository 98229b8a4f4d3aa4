//! Control networks: what a round's pictures should follow besides the prompt.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::RgbImage;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Error;
use super::request::png_in_base64;

/// One ControlNet (Zhang et al. 2023) with its settings. The picture that it follows is a [`ControlHint`] of the round's
/// [`Plan`](super::Plan).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ControlSettings {
    /// The file or folder of the ControlNet. A bare name stands for a file that has not been found yet.
    pub model: PathBuf,
    /// What the window takes the hint from.
    pub source: ControlSource,
    /// How the picture becomes the lines that the network was trained on.
    pub preprocessor: Preprocessor,
    /// What its residuals are multiplied by, `0.0..=2.0`; at 0 the network is not run.
    pub weight: f64,
    /// The share of the steps after which it begins to run, `0.0..=1.0`.
    pub start: f64,
    /// The share of the steps after which it no longer runs, `0.0..=1.0`.
    pub end: f64,
    /// How it is weighed against the prompt.
    pub mode: ControlMode,
}

impl Default for ControlSettings {
    fn default() -> Self {
        Self {
            model: PathBuf::new(),
            source: ControlSource::default(),
            preprocessor: Preprocessor::default(),
            weight: 1.0,
            start: 0.0,
            end: 1.0,
            mode: ControlMode::default(),
        }
    }
}

impl ControlSettings {
    /// The largest weight.
    pub const MAX_WEIGHT: f64 = 2.0;
    /// How many controls a round has at most.
    pub const MOST: usize = 8;

    /// The name of the network's file without its ending.
    pub fn model_name(&self) -> String {
        let name = if self.model.is_dir() { self.model.file_name() } else { self.model.file_stem() };
        name.unwrap_or_default().to_string_lossy().into_owned()
    }

    /// The hash that the web UI's extension writes behind the network's name: the first 8 hexadecimal digits of the SHA-256
    /// of 64 KiB of the file, from 1 MiB on, which is the web UI's old model hash. `None` for a folder, or a file that cannot
    /// be read.
    pub fn web_hash(&self) -> Option<String> {
        const FROM: u64 = 1 << 20;
        const LENGTH: u64 = 1 << 16;
        let mut file = self.model.is_file().then(|| File::open(&self.model).ok())??;
        file.seek(SeekFrom::Start(FROM)).ok()?;
        let mut bytes = Vec::new();
        file.take(LENGTH).read_to_end(&mut bytes).ok()?;
        let digest = Sha256::digest(&bytes);
        Some(digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect())
    }

    /// Whether the network changes anything at all.
    pub fn is_run(&self) -> bool {
        self.weight != 0.0
    }

    /// Whether the network is run at a step, counted from 0, of so many: at those that lie whole in the share from
    /// `start` to `end`, as diffusers decides.
    pub fn is_active_at(&self, step: usize, steps: usize) -> bool {
        let share = |steps_done: usize| steps_done as f64 / steps as f64;
        self.is_run() && share(step) >= self.start && share(step + 1) <= self.end
    }

    /// Checks every range.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first value that is out of range.
    pub fn check(&self) -> Result<(), Error> {
        let fail = |text: String| Err(Error::Setting(text));
        if self.model.as_os_str().is_empty() {
            return fail("A control needs the file of a ControlNet.".into());
        }
        if !(0.0..=Self::MAX_WEIGHT).contains(&self.weight) {
            return fail(format!(
                "The weight of a control must lie between 0 and {}, not {}.",
                Self::MAX_WEIGHT,
                self.weight
            ));
        }
        for (name, value) in [("start", self.start), ("end", self.end)] {
            if !(0.0..=1.0).contains(&value) {
                return fail(format!("The {name} of a control must lie between 0 and 1, not {value}."));
            }
        }
        if self.start > self.end {
            return fail(format!("A control must start before it ends, not at {} and {}.", self.start, self.end));
        }
        Ok(())
    }

    /// The control in a few words, for lists of what differs.
    pub fn summary(&self) -> String {
        format!(
            "{} ({}, weight {}, {} to {}, {})",
            self.model_name(),
            self.preprocessor.id(),
            self.weight,
            self.start,
            self.end,
            self.mode.id()
        )
    }
}

/// Where a control's picture comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlSource {
    /// The whole sketch, as it is sent to the model.
    #[default]
    Sketch,
    /// One layer on white, by its number in the document.
    Layer(u64),
    /// A picture file.
    File(PathBuf),
}

/// The picture that a control follows, before it is preprocessed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlHint {
    /// The start image of the request.
    StartImage,
    /// Another picture, of exactly the size that the start image must have. Serialised as a PNG in base64.
    Picture(#[serde(with = "png_in_base64")] Arc<RgbImage>),
}

/// How a picture becomes what a control network was trained on: lines, white on black, or depth. Only [`Preprocessor::Depth`]
/// uses a network; see [`DepthMaps`](super::DepthMaps).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preprocessor {
    /// The picture as it is, for hints that are white on black already.
    None,
    /// Black lines on white to white lines on black.
    Invert,
    /// White wherever the picture is dark.
    Threshold,
    /// Lines by the difference of two Gaussians (XDoG; Winnemöller et al. 2012).
    Xdog,
    /// Lines that are darker than their surroundings, with their softness.
    #[default]
    Lineart,
    /// Edges between areas (Canny 1986).
    Canny,
    /// How near each pixel is, from black to white (Depth Anything V2; Yang et al. 2024).
    Depth,
}

impl Preprocessor {
    /// All of them, in the order of lists.
    pub const ALL: [Self; 7] =
        [Self::None, Self::Invert, Self::Threshold, Self::Xdog, Self::Lineart, Self::Canny, Self::Depth];

    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Invert => "invert",
            Self::Threshold => "threshold",
            Self::Xdog => "xdog",
            Self::Lineart => "lineart",
            Self::Canny => "canny",
            Self::Depth => "depth",
        }
    }

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Invert => "Invert",
            Self::Threshold => "Threshold",
            Self::Xdog => "XDoG",
            Self::Lineart => "Line art",
            Self::Canny => "Canny edges",
            Self::Depth => "Depth",
        }
    }

    /// Its name in the ControlNet extension of AUTOMATIC1111's web UI.
    pub fn module(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Invert => "invert (from white bg & black line)",
            Self::Threshold => "scribble_thr",
            Self::Xdog => "scribble_xdog",
            Self::Lineart => "lineart_standard (from white bg & black line)",
            Self::Canny => "canny",
            Self::Depth => "depth_anything_v2",
        }
    }

    /// The one of this name: on the command line, in the window, or in the web UI's extension, with or without what
    /// stands there in brackets.
    pub fn from_name(name: &str) -> Option<Self> {
        let plain = |name: &str| name.split('(').next().unwrap_or(name).trim().to_ascii_lowercase();
        let name = plain(name);
        Self::ALL
            .into_iter()
            .find(|one| [one.id(), one.label(), one.module()].into_iter().any(|own| plain(own) == name))
    }
}

/// How a control is weighed against the prompt, as in the ControlNet extension of AUTOMATIC1111's web UI.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlMode {
    /// Every residual counts alike, for the prompt and for the negative prompt.
    #[default]
    Balanced,
    /// The residuals of the upper levels count less: the twelfth skip connection from the middle is weighed 0.825¹².
    Prompt,
    /// Residuals are weighed as in [`ControlMode::Prompt`], and added to the prediction for the prompt alone, so that
    /// guidance strengthens them.
    Control,
}

impl ControlMode {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Balanced, Self::Prompt, Self::Control];

    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Balanced => "balanced",
            Self::Prompt => "prompt",
            Self::Control => "control",
        }
    }

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Self::Balanced => "Balanced",
            Self::Prompt => "Prompt first",
            Self::Control => "Control first",
        }
    }

    /// Its name in the web UI's extension.
    pub fn web_name(self) -> &'static str {
        match self {
            Self::Balanced => "Balanced",
            Self::Prompt => "My prompt is more important",
            Self::Control => "ControlNet is more important",
        }
    }

    /// The one of this name, any kind of name in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        Self::ALL
            .into_iter()
            .find(|one| [one.id(), one.label(), one.web_name()].iter().any(|own| own.eq_ignore_ascii_case(name)))
    }
}

/// Checks all controls of a round.
///
/// # Errors
/// [`Error::Setting`] naming the first thing that is wrong.
pub(super) fn check_all(controls: &[ControlSettings]) -> Result<(), Error> {
    if controls.len() > ControlSettings::MOST {
        return Err(Error::Setting(format!(
            "A round has {} controls and may have {}.",
            controls.len(),
            ControlSettings::MOST
        )));
    }
    controls.iter().try_for_each(ControlSettings::check)
}

/// Whether a path is only the name of a network whose file is not known.
pub fn is_bare_name(path: &Path) -> bool {
    path.components().count() == 1 && !path.is_absolute()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control() -> ControlSettings {
        ControlSettings { model: "/m/lines.safetensors".into(), ..ControlSettings::default() }
    }

    #[test]
    fn every_name_leads_back() {
        for one in Preprocessor::ALL {
            for name in [one.id(), one.label(), one.module(), &one.module().to_uppercase()] {
                assert_eq!(Preprocessor::from_name(name), Some(one), "{name}");
            }
        }
        assert_eq!(Preprocessor::from_name("lineart_standard"), Some(Preprocessor::Lineart));
        assert_eq!(Preprocessor::from_name("Depth_Anything_V2"), Some(Preprocessor::Depth));
        // Other networks for depth see other pictures.
        assert_eq!(Preprocessor::from_name("depth_midas"), None);
        assert_eq!(Preprocessor::from_name("openpose_full"), None);
        for one in ControlMode::ALL {
            for name in [one.id(), one.label(), one.web_name()] {
                assert_eq!(ControlMode::from_name(name), Some(one), "{name}");
            }
        }
    }

    #[test]
    fn its_hash_is_the_old_one_of_the_web_ui() {
        let file = tempfile::NamedTempFile::new().expect("file");
        let bytes: Vec<u8> = (0..(1usize << 20) + (1 << 17)).map(|i| ((i * 7 + i / 1000) % 251) as u8).collect();
        std::fs::write(file.path(), &bytes).expect("writes");
        let of = |path: &Path| ControlSettings { model: path.into(), ..ControlSettings::default() }.web_hash();
        // Computed with Python's hashlib.
        assert_eq!(of(file.path()).as_deref(), Some("c54ae8da"));
        std::fs::write(file.path(), &bytes[..1000]).expect("writes");
        assert_eq!(of(file.path()).as_deref(), Some("e3b0c442"), "of nothing, as in the web UI");
        assert_eq!((of(Path::new("/")), of(Path::new("/no/such.pth"))), (None, None));
    }

    #[test]
    fn the_steps_in_its_window_are_those_of_diffusers() {
        let active = |start, end, steps| -> Vec<usize> {
            let control = ControlSettings { start, end, ..control() };
            (0..steps).filter(|step| control.is_active_at(*step, steps)).collect()
        };
        assert_eq!(active(0.0, 1.0, 4), [0, 1, 2, 3]);
        assert_eq!(active(0.0, 0.5, 4), [0, 1]);
        assert_eq!(active(0.5, 1.0, 4), [2, 3]);
        assert_eq!(active(0.1, 0.9, 4), [1, 2]);
        assert_eq!(active(0.0, 0.0, 4), [] as [usize; 0]);
        assert!(!ControlSettings { weight: 0.0, ..control() }.is_active_at(0, 4));
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        control().check().expect("good");
        type Break = fn(&mut ControlSettings);
        let cases: [(Break, &str); 5] = [
            (|c| c.model = PathBuf::new(), "file of a ControlNet"),
            (|c| c.weight = 2.5, "weight"),
            (|c| c.weight = f64::NAN, "weight"),
            (|c| c.end = 1.5, "end"),
            (|c| (c.start, c.end) = (0.8, 0.2), "start before it ends"),
        ];
        for (spoil, word) in cases {
            let mut control = control();
            spoil(&mut control);
            let text = check_all(&[control]).expect_err(word).to_string();
            assert!(text.contains(word), "{text}");
        }
        let many = check_all(&vec![control(); 9]).expect_err("refused").to_string();
        assert!(many.contains("9 controls"), "{many}");
    }
}
