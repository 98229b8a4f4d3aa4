//! How the masked part of a picture is repainted.

use serde::{Deserialize, Serialize};

use super::Error;

/// How the masked part of a picture is repainted, in the terms of AUTOMATIC1111. The default values are those of its
/// window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inpaint {
    /// Standard deviation of the blur of the mask in pixels, `0..=64`.
    pub blur: usize,
    /// How much of the picture is sampled.
    pub area: InpaintArea,
    /// Pixels around the masked part that are sampled with it, `0..=256`, where only that part is sampled.
    pub padding: usize,
    /// What the masked part holds at the start.
    pub content: MaskedContent,
    /// Repaint what is not masked instead of what is.
    pub inverted: bool,
    /// Let the grey levels of the mask say how much each place may change (differential diffusion), instead of only
    /// whether it may.
    pub soft: bool,
}

/// How much of a picture is sampled when a part of it is repainted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InpaintArea {
    /// All of it.
    #[default]
    Whole,
    /// The masked part with its padding, brought to the size of the settings. The result has the size of the start
    /// image, which may be any.
    OnlyMasked,
}

/// What the masked part of a picture holds before it is repainted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskedContent {
    /// Its surroundings, blurred into it.
    Fill,
    /// What it shows.
    #[default]
    Original,
    /// The noise of the seed in the latent.
    LatentNoise,
    /// Zeros in the latent.
    LatentNothing,
}

impl Inpaint {
    /// The largest blur, in pixels.
    pub const MAX_BLUR: usize = 64;
    /// The largest padding, in pixels.
    pub const MAX_PADDING: usize = 256;

    /// Checks every range.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first value that is out of range.
    pub fn check(&self) -> Result<(), Error> {
        for (name, value, most) in
            [("mask blur", self.blur, Self::MAX_BLUR), ("masked area padding", self.padding, Self::MAX_PADDING)]
        {
            if value > most {
                return Err(Error::Setting(format!("The {name} must lie between 0 and {most}, not {value}.")));
            }
        }
        Ok(())
    }
}

impl Default for Inpaint {
    fn default() -> Self {
        Self {
            blur: 4,
            area: InpaintArea::default(),
            padding: 32,
            content: MaskedContent::default(),
            inverted: false,
            soft: false,
        }
    }
}

impl InpaintArea {
    /// Both, the default first.
    pub const ALL: [Self; 2] = [Self::Whole, Self::OnlyMasked];

    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::OnlyMasked => "masked",
        }
    }

    /// Its name in AUTOMATIC1111 and in the settings text.
    pub fn label(self) -> &'static str {
        match self {
            Self::Whole => "Whole picture",
            Self::OnlyMasked => "Only masked",
        }
    }

    /// The one of this name, either kind of name in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        Self::ALL.into_iter().find(|v| v.id().eq_ignore_ascii_case(name) || v.label().eq_ignore_ascii_case(name))
    }
}

impl MaskedContent {
    /// All, in the order of AUTOMATIC1111.
    pub const ALL: [Self; 4] = [Self::Fill, Self::Original, Self::LatentNoise, Self::LatentNothing];

    /// Its name on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Fill => "fill",
            Self::Original => "original",
            Self::LatentNoise => "latent-noise",
            Self::LatentNothing => "latent-nothing",
        }
    }

    /// Its name in AUTOMATIC1111 and in the settings text.
    pub fn label(self) -> &'static str {
        match self {
            Self::Fill => "fill",
            Self::Original => "original",
            Self::LatentNoise => "latent noise",
            Self::LatentNothing => "latent nothing",
        }
    }

    /// The one of this name, either kind of name in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        Self::ALL.into_iter().find(|v| v.id().eq_ignore_ascii_case(name) || v.label().eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_is_found_by_both_its_names() {
        for area in InpaintArea::ALL {
            assert_eq!([area.id(), area.label()].map(InpaintArea::from_name), [Some(area); 2]);
        }
        for content in MaskedContent::ALL {
            let upper = content.label().to_uppercase();
            assert_eq!([content.id(), &upper].map(MaskedContent::from_name), [Some(content); 2]);
        }
        assert_eq!(InpaintArea::from_name("half"), None);
    }

    #[test]
    fn ranges_are_checked_and_named() {
        Inpaint { blur: 64, padding: 256, ..Inpaint::default() }.check().expect("the ends");
        for (options, word) in [
            (Inpaint { blur: 65, ..Inpaint::default() }, "mask blur"),
            (Inpaint { padding: 257, ..Inpaint::default() }, "padding"),
        ] {
            assert!(options.check().expect_err(word).to_string().contains(word));
        }
    }

    #[test]
    fn what_is_left_out_in_json_is_the_default() {
        let read: Inpaint = serde_json::from_str(r#"{"area":"only_masked","content":"latent_noise"}"#).expect("reads");
        let want = Inpaint { area: InpaintArea::OnlyMasked, content: MaskedContent::LatentNoise, ..Inpaint::default() };
        assert_eq!(read, want);
    }
}
