//! What a round asks for besides its settings.

use serde::{Deserialize, Serialize};

use super::{ControlHint, Error, Mask, Settings, Sheet};

/// What a round asks for besides its settings. The usual round asks for nothing more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    /// What varies over the pictures; `None` for a batch, whose pictures differ in their seeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<Sheet>,
    /// Which pixels may change, in the size of the start image; `None` if all of them may. The others are kept from
    /// the start image, up to the soft edge that [`Settings::inpaint`] or [`Settings::feather`] says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mask: Option<Mask>,
    /// The picture that each of [`Settings::controls`] follows, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<ControlHint>,
    /// Where each of [`Settings::regions`] counts, in their order and in the size of the start image: level 255 wholly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<Mask>,
}

impl Plan {
    /// Whether the round asks for nothing besides its settings.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The mask as it counts with these settings: inverted where they say so.
    pub fn changing(&self, settings: &Settings) -> Option<Mask> {
        let is_inverted = settings.inpaint.is_some_and(|inpaint| inpaint.inverted);
        self.mask.as_ref().map(|mask| if is_inverted { mask.inverted() } else { mask.clone() })
    }

    /// Whether there is a mask with which nothing would change. Where the levels say how much a place may change, any
    /// level above 0 changes something; else only those of at least half.
    pub fn changes_nothing(&self, settings: &Settings) -> bool {
        let is_soft = settings.inpaint.is_some_and(|inpaint| inpaint.soft);
        self.changing(settings).is_some_and(|mask| if is_soft { mask.is_blank() } else { mask.is_empty() })
    }

    /// How many pictures a round with these settings makes.
    pub fn images(&self, settings: &Settings) -> usize {
        self.sheet.as_ref().map_or(settings.batch, Sheet::cells)
    }

    /// The settings of one picture, counted from 0, in a round with these settings.
    pub fn settings_of(&self, image: usize, settings: &Settings) -> Settings {
        match &self.sheet {
            Some(sheet) => sheet.settings_of(image, settings),
            None => settings.clone(),
        }
    }

    /// Seed and variation seed of one picture, counted from 0, in a round with these settings.
    pub fn seeds_of(&self, image: usize, settings: &Settings) -> (u64, u64) {
        match &self.sheet {
            Some(sheet) => sheet.settings_of(image, settings).seeds_of(0),
            None => settings.seeds_of(image),
        }
    }

    /// Checks the settings of every picture of a round with these settings.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first value that is out of range.
    pub fn check(&self, settings: &Settings) -> Result<(), Error> {
        settings.check()?;
        let cells = self.sheet.as_ref().map_or(0, Sheet::cells);
        (0..cells).try_for_each(|cell| self.settings_of(cell, settings).check())
    }

    /// Whether any picture of a round with these settings starts from a picture where there is one: at denoising
    /// strength 1 it would have no influence, unless a part of it is kept.
    pub fn starts_from_picture(&self, settings: &Settings) -> bool {
        match &self.sheet {
            _ if self.mask.is_some() || settings.keep_unpainted || settings.image_cfg.is_some() => true,
            _ if settings.second_pass.is_some() => true,
            Some(sheet) => (0..sheet.cells()).any(|cell| sheet.settings_of(cell, settings).strength < 1.0),
            None => settings.strength < 1.0,
        }
    }

    /// Steps that each picture takes, as the engine reports them; `from_picture` says whether there is a picture
    /// to start from.
    pub fn steps_to_report(&self, settings: &Settings, from_picture: bool) -> Vec<usize> {
        (0..self.images(settings))
            .map(|image| self.settings_of(image, settings).steps_to_report(from_picture))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Inpaint, SheetAxis};
    use super::*;

    #[test]
    fn pictures_of_a_sheet_share_their_seed_and_those_of_a_batch_do_not() {
        let settings = Settings { seed: 5, batch: 3, ..Settings::default() };
        let (batch, ladder) = (Plan::default(), Plan { sheet: Some(Sheet::strength_ladder()), ..Plan::default() });
        assert_eq!((batch.images(&settings), ladder.images(&settings)), (3, 4));
        assert_eq!((batch.seeds_of(2, &settings), ladder.seeds_of(2, &settings)), ((7, 0), (5, 0)));
        assert_eq!(ladder.steps_to_report(&settings, true), [10, 13, 16, 19]);
        assert_eq!(batch.steps_to_report(&settings, false), [20; 3]);
    }

    #[test]
    fn a_mask_counts_as_the_settings_say() {
        let of = |level: u8, inverted, soft| {
            let mask = Some(Mask::from_levels(image::GrayImage::from_pixel(8, 8, image::Luma([level]))));
            let inpaint = Some(Inpaint { inverted, soft, ..Inpaint::default() });
            Plan { mask, ..Plan::default() }.changes_nothing(&Settings { inpaint, ..Settings::default() })
        };
        assert_eq!([of(127, false, false), of(128, false, false)], [true, false]);
        assert_eq!([of(127, true, false), of(255, true, false)], [false, true]);
        assert_eq!([of(1, false, true), of(0, false, true), of(255, true, true)], [false, true, true]);
        assert!(!Plan::default().changes_nothing(&Settings::default()), "without a mask all may change");
    }

    #[test]
    fn a_sheet_starts_from_the_picture_if_one_of_its_pictures_does() {
        let settings = Settings { strength: 1.0, ..Settings::default() };
        assert!(!Plan::default().starts_from_picture(&settings));
        let at = |strengths: &[f64]| Plan {
            sheet: Some(Sheet::new(SheetAxis::Strength(strengths.to_vec()), None).expect("a sheet")),
            ..Plan::default()
        };
        assert!(at(&[1.0, 0.5]).starts_from_picture(&settings));
        assert!(!at(&[1.0]).starts_from_picture(&Settings::default()));
        let kept = Plan { mask: Some(Mask::from_fn(8, 8, |_, _| true)), ..Plan::default() };
        assert!(kept.starts_from_picture(&settings));
    }
}
