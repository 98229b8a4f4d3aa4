//! What to make: one versioned, serialisable type for every engine.

use std::io::Cursor;
use std::sync::Arc;

use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ControlHint, Error, FinishedImage, MadeWith, Mask, ModelChoice, Plan, Recipe, SecondPass, Settings};

/// The format of serialised requests. A reader refuses a higher one.
const VERSION: u32 = 4;
/// The format of requests without controls, options of sampling, regions, a second pass and reused features.
const VERSION_WITH_INPAINT: u32 = 3;
/// The format of those whose settings say nothing of inpainting or of edit models either.
const VERSION_WITH_PLAN: u32 = 2;
/// The format of those that have no plan.
const VERSION_WITHOUT_PLAN: u32 = 1;

/// What to make, complete: a request sent twice gives the same pictures twice.
///
/// Where the work runs (device, precision, folders) is not part of it, see
/// [`Runtime`](super::Runtime).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Versioned", into = "Versioned")]
pub struct Request {
    /// The model to use.
    pub model: ModelChoice,
    /// Prompt, sampling settings, size and seeds. The seed is drawn already: it is never -1.
    pub settings: Settings,
    /// From what to start.
    pub kind: RequestKind,
    /// What it asks for besides the settings.
    pub plan: Plan,
}

/// From what a round starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RequestKind {
    /// From noise alone.
    TextToImage,
    /// From a picture and noise.
    ImageToImage {
        /// The start image, of exactly the size in the settings unless only a masked part of it is sampled.
        /// Serialised as a PNG in base64.
        #[serde(with = "png_in_base64")]
        start: Arc<RgbImage>,
    },
}

impl Request {
    /// A request for these settings. At denoising strength 1 the start image would have no influence, so
    /// the request is then a text-to-image one.
    pub fn new(model: ModelChoice, settings: Settings, start: Option<Arc<RgbImage>>) -> Self {
        Self::planned(model, settings, Plan::default(), start)
    }

    /// A request for these settings and this plan. It is a text-to-image one if the start image would have no
    /// influence on any of its pictures.
    pub fn planned(model: ModelChoice, settings: Settings, plan: Plan, start: Option<Arc<RgbImage>>) -> Self {
        // What the pictures say of themselves is then what was done.
        let (keep_unpainted, inpaint) = (plan.mask.is_some(), settings.inpaint.filter(|_| plan.mask.is_some()));
        let controls = if plan.hints.is_empty() { Vec::new() } else { settings.controls };
        let regions = if plan.regions.is_empty() { Vec::new() } else { settings.regions };
        let settings = Settings { keep_unpainted, inpaint, controls, regions, ..settings };
        let kind = match start {
            Some(start) if plan.starts_from_picture(&settings) => RequestKind::ImageToImage { start },
            _ => RequestKind::TextToImage,
        };
        Self { model, settings, kind, plan }
    }

    /// How many pictures it asks for.
    pub fn images(&self) -> usize {
        self.plan.images(&self.settings)
    }

    /// The settings of one picture, counted from 0.
    pub fn settings_of(&self, image: usize) -> Settings {
        self.plan.settings_of(image, &self.settings)
    }

    /// Seed and variation seed of one picture, counted from 0.
    pub fn seeds_of(&self, image: usize) -> (u64, u64) {
        self.plan.seeds_of(image, &self.settings)
    }

    /// What made a finished picture of this request; `made_with` says what computed it. Reads a little of the file of each
    /// control, so it is not for the window's thread.
    pub fn recipe_of(&self, made: &FinishedImage, made_with: MadeWith) -> Recipe {
        let settings = self.settings_of(made.image);
        Recipe {
            seed: made.seed,
            model: self.model.name(),
            from_picture: self.start().is_some()
                && (settings.strength < 1.0
                    || self.plan.mask.is_some()
                    || settings.image_cfg.is_some()
                    || settings.second_pass.is_some()),
            settings: Settings { variation_seed: made.variation_seed as i64, ..settings },
            made_with: MadeWith { control_hashes: self.control_hashes(), ..made_with },
        }
    }

    /// The hash of each control's file, which is quick to read.
    fn control_hashes(&self) -> Vec<String> {
        self.settings.controls.iter().map(|control| control.web_hash().unwrap_or_default()).collect()
    }

    /// The start image, where there is one.
    pub fn start(&self) -> Option<&RgbImage> {
        match &self.kind {
            RequestKind::TextToImage => None,
            RequestKind::ImageToImage { start } => Some(start),
        }
    }

    /// The picture that a control follows, counted from 0, in the size of the start image or of the results.
    pub fn hint(&self, control: usize) -> Option<&RgbImage> {
        match self.plan.hints.get(control)? {
            ControlHint::StartImage => self.start(),
            ControlHint::Picture(picture) => Some(picture),
        }
    }

    /// Checks every range, the drawn seed, and the sizes of the start image and of what controls follow.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first thing that is wrong.
    pub fn check(&self) -> Result<(), Error> {
        self.plan.check(&self.settings)?;
        if self.settings.seed < 0 {
            return Err(Error::Setting("A request needs a drawn seed, not -1.".into()));
        }
        let (w, h) = (self.settings.width, self.settings.height);
        self.check_hints()?;
        self.check_regions()?;
        if let Some(pass) = &self.settings.second_pass {
            return self.check_second_pass(pass);
        }
        if let (Some(mask), true) = (&self.plan.mask, self.settings.samples_masked_part()) {
            return self.check_masked_part(mask);
        }
        if let Some(mask) = &self.plan.mask {
            let (mask_w, mask_h) = mask.size();
            if mask.size() != (w as u32, h as u32) {
                return Err(Error::Setting(format!(
                    "The mask is {mask_w} by {mask_h} pixels and the settings say {w} by {h}."
                )));
            }
            if self.start().is_none() {
                return Err(Error::Setting("A mask needs a start image, from which the rest is kept.".into()));
            }
        }
        if let Some(start) = self.start()
            && start.dimensions() != (w as u32, h as u32)
        {
            return Err(Error::Setting(format!(
                "The start image is {} by {} pixels and the settings say {w} by {h}.",
                start.width(),
                start.height()
            )));
        }
        Ok(())
    }
}

impl Request {
    /// Checks that each control has a picture of the right size.
    fn check_hints(&self) -> Result<(), Error> {
        let (controls, hints) = (self.settings.controls.len(), self.plan.hints.len());
        if controls != hints {
            return Err(Error::Setting(format!("There are {controls} controls and {hints} pictures for them.")));
        }
        let size = self.hint_size();
        for control in 0..controls {
            let Some(hint) = self.hint(control) else {
                return Err(Error::Setting(
                    "A control needs a picture to follow: give one, or a start image with a denoising strength below 1.".into(),
                ));
            };
            if hint.dimensions() != size {
                return Err(Error::Setting(format!(
                    "The picture of a control is {} by {} pixels and must be {} by {}.",
                    hint.width(),
                    hint.height(),
                    size.0,
                    size.1
                )));
            }
        }
        Ok(())
    }

    /// The size of what controls follow, and of the masks of regions.
    fn hint_size(&self) -> (u32, u32) {
        match self.start() {
            Some(start) if self.plan.mask.is_some() && self.settings.samples_masked_part() => start.dimensions(),
            Some(start) if self.settings.second_pass.is_some() => start.dimensions(),
            _ => (self.settings.width as u32, self.settings.height as u32),
        }
    }

    /// Checks that each region has a mask of the right size.
    fn check_regions(&self) -> Result<(), Error> {
        let (regions, masks) = (self.settings.regions.len(), self.plan.regions.len());
        if regions != masks {
            return Err(Error::Setting(format!("There are {regions} regions and {masks} masks for them.")));
        }
        let (width, height) = self.hint_size();
        match self.plan.regions.iter().map(Mask::size).find(|size| *size != (width, height)) {
            Some((w, h)) => Err(Error::Setting(format!(
                "The mask of a region is {w} by {h} pixels and must be {width} by {height}."
            ))),
            None => Ok(()),
        }
    }

    /// Checks a second pass, whose start image may have any size that it can be enlarged from.
    fn check_second_pass(&self, pass: &SecondPass) -> Result<(), Error> {
        let fail = |text: &str| Err(Error::Setting(text.into()));
        if self.plan.mask.is_some() {
            return fail("A second pass works over the whole picture; take the mask away.");
        }
        if self.plan.sheet.is_some() {
            return fail("A second pass makes no sheet; ask for one picture at a time.");
        }
        match self.start() {
            Some(start) => pass.check_size(start.dimensions()),
            None => fail("A second pass needs the picture that it enlarges."),
        }
    }

    /// Checks a mask whose part alone is sampled: the start image then has the size of the mask.
    fn check_masked_part(&self, mask: &Mask) -> Result<(), Error> {
        let fail = |text: String| Err(Error::Setting(text));
        let Some(start) = self.start() else {
            return fail("A mask needs a start image, from which the rest is kept.".into());
        };
        let ((w, h), (mask_w, mask_h)) = (start.dimensions(), mask.size());
        if (w, h) != (mask_w, mask_h) {
            return fail(format!("The mask is {mask_w} by {mask_h} pixels and the start image {w} by {h}."));
        }
        let most = 2 * Settings::MAX_SIDE as u32;
        if w.min(h) == 0 || w.max(h) > most {
            return fail(format!("The start image is {w} by {h} pixels; sides go up to {most}."));
        }
        Ok(())
    }
}

/// A request as it is written: with its version, everything on one level.
#[derive(Clone, Serialize, Deserialize)]
struct Versioned {
    version: u32,
    model: ModelChoice,
    settings: Settings,
    #[serde(flatten)]
    kind: RequestKind,
    #[serde(default, skip_serializing_if = "Plan::is_empty")]
    plan: Plan,
}

impl From<Request> for Versioned {
    fn from(Request { model, settings, kind, plan }: Request) -> Self {
        let version = match &settings {
            settings if !settings.controls.is_empty() || !settings.sampling.is_default() => VERSION,
            settings if settings.second_pass.is_some() || !settings.regions.is_empty() => VERSION,
            settings if settings.reuse > 1 => VERSION,
            settings if settings.inpaint.is_some() || settings.image_cfg.is_some() => VERSION_WITH_INPAINT,
            _ if plan.is_empty() => VERSION_WITHOUT_PLAN,
            _ => VERSION_WITH_PLAN,
        };
        Self { version, model, settings, kind, plan }
    }
}

impl TryFrom<Versioned> for Request {
    type Error = String;

    fn try_from(read: Versioned) -> Result<Self, String> {
        if read.version > VERSION {
            return Err(format!(
                "the request has version {} and this program knows versions up to {VERSION}; use a newer underpaint",
                read.version
            ));
        }
        Ok(Self { model: read.model, settings: read.settings, kind: read.kind, plan: read.plan })
    }
}

pub(super) mod png_in_base64 {
    use super::{Arc, Cursor, Deserialize, Deserializer, ImageFormat, RgbImage, STANDARD, Serializer, Settings};
    use base64::Engine as _;

    pub fn serialize<S: Serializer>(picture: &Arc<RgbImage>, to: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, ImageFormat::Png).map_err(serde::ser::Error::custom)?;
        to.serialize_str(&STANDARD.encode(bytes.into_inner()))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<RgbImage>, D::Error> {
        let text = String::deserialize(from)?;
        let bytes = STANDARD.decode(text).map_err(serde::de::Error::custom)?;
        let mut reader = image::ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
        let mut limits = image::Limits::default();
        // A start image of which only a part is sampled may be larger than results.
        limits.max_image_width = Some(2 * Settings::MAX_SIDE as u32);
        limits.max_image_height = Some(2 * Settings::MAX_SIDE as u32);
        reader.limits(limits);
        let picture = reader.decode().map_err(serde::de::Error::custom)?;
        Ok(Arc::new(picture.to_rgb8()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ControlSettings, Inpaint, InpaintArea, RegionPrompt, Sheet, SheetAxis};
    use super::*;

    fn request() -> Request {
        let start = RgbImage::from_fn(64, 64, |x, y| image::Rgb([x as u8, y as u8, 7]));
        let settings = Settings { width: 64, height: 64, seed: 5, ..Settings::default() };
        Request::new(ModelChoice::Starter, settings, Some(Arc::new(start)))
    }

    #[test]
    fn a_request_is_the_same_after_being_written_and_read() {
        for request in [request(), Request::new(ModelChoice::Path("m".into()), Settings::default(), None)] {
            let text = serde_json::to_string(&request).expect("writes");
            assert!(text.contains(r#""version":1"#) && text.contains("image"), "{text}");
            assert_eq!(serde_json::from_str::<Request>(&text).expect("reads"), request);
        }
    }

    #[test]
    fn a_plan_is_written_as_a_newer_version_and_read_again() {
        let mask = Some(Mask::from_fn(64, 64, |x, _| x < 9));
        let plan = Plan { sheet: Some(Sheet::strength_ladder()), mask, ..Plan::default() };
        let request = Request { plan, ..request() };
        let text = serde_json::to_string(&request).expect("writes");
        assert!(text.contains(r#""version":2"#), "older programs would leave the plan out: {text}");
        assert_eq!(serde_json::from_str::<Request>(&text).expect("reads"), request);
    }

    #[test]
    fn each_picture_of_a_plan_is_checked_and_has_a_recipe_of_its_own() {
        let sheet = |values: &[f64]| Some(Sheet::new(SheetAxis::Strength(values.to_vec()), None).expect("a sheet"));
        let mut request = Request { plan: Plan { sheet: sheet(&[0.5, 1.0]), ..Plan::default() }, ..request() };
        request.check().expect("a good request");
        let made =
            |image| FinishedImage { image, seed: 5, variation_seed: 0, picture: RgbImage::new(1, 1), made_by: None };
        let recipes = [0, 1].map(|image| request.recipe_of(&made(image), MadeWith::default()));
        assert_eq!(
            recipes.each_ref().map(|r| (r.settings.strength, r.seed, r.from_picture)),
            [(0.5, 5, true), (1.0, 5, false)]
        );
        request.plan.sheet = sheet(&[0.5, 1.5]);
        assert!(request.check().expect_err("refused").to_string().contains("1.5"));
    }

    #[test]
    fn a_mask_needs_its_size_and_a_start_image() {
        let masked = |side, start| {
            let plan = Plan { mask: Some(Mask::from_fn(side, side, |_, _| true)), ..Plan::default() };
            let start = if start { request().start().cloned().map(Arc::new) } else { None };
            Request::planned(ModelChoice::Starter, Settings { strength: 1.0, ..request().settings }, plan, start)
        };
        let good = masked(64, true);
        good.check().expect("a good request");
        assert!(good.settings.keep_unpainted && good.start().is_some(), "kept also at full strength");
        assert!(masked(32, true).check().expect_err("refused").to_string().contains("32 by 32"));
        assert!(masked(64, false).check().expect_err("refused").to_string().contains("start image"));
    }

    #[test]
    fn requests_that_repaint_or_edit_have_a_version_of_their_own() {
        let plan = Plan { mask: Some(Mask::from_fn(64, 64, |x, _| x < 9)), ..Plan::default() };
        let inpaint = Some(Inpaint { soft: true, ..Inpaint::default() });
        let start = request().start().cloned().map(Arc::new);
        for (settings, plan) in [
            (Settings { inpaint, ..request().settings }, plan),
            (Settings { image_cfg: Some(1.5), strength: 1.0, ..request().settings }, Plan::default()),
        ] {
            let request = Request::planned(ModelChoice::Starter, settings, plan, start.clone());
            assert!(request.start().is_some(), "the start image counts at full strength too");
            let text = serde_json::to_string(&request).expect("writes");
            assert!(text.contains(r#""version":3"#), "{text}");
            assert_eq!(serde_json::from_str::<Request>(&text).expect("reads"), request);
        }
        let unmasked = Settings { inpaint, ..request().settings };
        let unmasked = Request::new(ModelChoice::Starter, unmasked, start);
        assert_eq!(unmasked.settings.inpaint, None, "without a mask nothing is repainted");
    }

    #[test]
    fn where_only_the_masked_part_is_sampled_the_start_image_has_the_size_of_the_mask() {
        let inpaint = Some(Inpaint { area: InpaintArea::OnlyMasked, ..Inpaint::default() });
        let of = |mask_side, start: Option<(u32, u32)>| {
            let plan = Plan { mask: Some(Mask::from_fn(mask_side, 96, |x, _| x < 9)), ..Plan::default() };
            let start = start.map(|(w, h)| Arc::new(RgbImage::new(w, h)));
            Request::planned(ModelChoice::Starter, Settings { inpaint, ..request().settings }, plan, start).check()
        };
        of(301, Some((301, 96))).expect("any size");
        assert!(of(300, Some((301, 96))).expect_err("refused").to_string().contains("300 by 96"));
        assert!(of(5000, Some((5000, 96))).expect_err("refused").to_string().contains("4096"));
        assert!(of(300, None).expect_err("refused").to_string().contains("start image"));
    }

    #[test]
    fn requests_with_controls_have_a_version_of_their_own_and_pictures_of_the_right_size() {
        let control = ControlSettings { model: "/c/lines.safetensors".into(), weight: 0.7, ..Default::default() };
        let settings = Settings { controls: vec![control.clone(), control], ..request().settings };
        let drawn = Arc::new(RgbImage::from_pixel(64, 64, image::Rgb([9; 3])));
        let hints = vec![ControlHint::StartImage, ControlHint::Picture(drawn)];
        let start = request().start().cloned().map(Arc::new);
        let of = |hints: Vec<ControlHint>, settings: Settings| {
            Request::planned(ModelChoice::Starter, settings, Plan { hints, ..Plan::default() }, start.clone())
        };
        let request = of(hints.clone(), settings.clone());
        request.check().expect("a good request");
        let text = serde_json::to_string(&request).expect("writes");
        assert!(text.contains(r#""version":4"#), "{text}");
        assert_eq!(serde_json::from_str::<Request>(&text).expect("reads"), request);
        assert_eq!(of(Vec::new(), settings.clone()).settings.controls, [], "nothing to follow");
        let fails = |request: Request| request.check().expect_err("refused").to_string();
        assert!(fails(of(hints[..1].to_vec(), settings.clone())).contains("2 controls and 1 pictures"));
        let from_noise = Settings { strength: 1.0, ..settings.clone() };
        assert!(fails(of(hints, from_noise)).contains("needs a picture"));
        let small = ControlHint::Picture(Arc::new(RgbImage::new(8, 8)));
        assert!(fails(of(vec![small.clone(), small], settings)).contains("8 by 8"));
    }

    #[test]
    fn reused_features_have_a_version_that_knows_them_and_are_not_written_where_there_are_none() {
        let plain = serde_json::to_string(&request()).expect("writes");
        assert!(!plain.contains("reuse"), "{plain}");
        let reusing = Request { settings: Settings { reuse: 3, ..request().settings }, ..request() };
        let text = serde_json::to_string(&reusing).expect("writes");
        assert!(text.contains(r#""version":4"#) && text.contains(r#""reuse":3"#), "{text}");
        assert_eq!(serde_json::from_str::<Request>(&text).expect("reads"), reusing);
    }

    #[test]
    fn a_second_pass_has_a_version_of_its_own_and_a_start_image_of_any_size() {
        let settings = Settings { second_pass: Some(SecondPass::default()), strength: 1.0, ..request().settings };
        let of = |settings: Settings, plan: Plan, start: Option<(u32, u32)>| {
            let start = start.map(|(w, h)| Arc::new(RgbImage::new(w, h)));
            Request::planned(ModelChoice::Starter, settings, plan, start)
        };
        let settings = Settings { second_pass: Some(SecondPass { overlap: 16, ..SecondPass::default() }), ..settings };
        let request = of(settings.clone(), Plan::default(), Some((301, 96)));
        request.check().expect("a good request");
        let text = serde_json::to_string(&request).expect("writes");
        assert!(text.contains(r#""version":4"#), "{text}");
        assert_eq!(serde_json::from_str::<Request>(&text).expect("reads"), request);
        let picture = RgbImage::new(1, 1);
        let made = FinishedImage { image: 0, seed: 5, variation_seed: 0, picture, made_by: None };
        assert!(request.recipe_of(&made, MadeWith::default()).from_picture, "the start image counts at full strength");
        let fails = |request: Request| request.check().expect_err("refused").to_string();
        assert!(fails(of(settings.clone(), Plan::default(), None)).contains("needs the picture"));
        assert!(fails(of(settings.clone(), Plan::default(), Some((3000, 96)))).contains("6000 by 192"));
        let mask = Some(Mask::from_fn(301, 96, |_, _| true));
        assert!(fails(of(settings, Plan { mask, ..Plan::default() }, Some((301, 96)))).contains("mask"));
    }

    #[test]
    fn requests_with_regions_have_a_version_of_their_own_and_masks_of_the_right_size() {
        let region = RegionPrompt { prompt: "a pear".into(), layer: Some(3) };
        let settings = Settings { regions: vec![region], ..request().settings };
        let of = |masks: &[u32]| {
            let regions = masks.iter().map(|side| Mask::from_fn(*side, 64, |x, _| x < 9)).collect();
            let plan = Plan { regions, ..Plan::default() };
            Request::planned(ModelChoice::Starter, settings.clone(), plan, None)
        };
        let request = of(&[64]);
        request.check().expect("a good request");
        let text = serde_json::to_string(&request).expect("writes");
        assert!(text.contains(r#""version":4"#), "{text}");
        assert_eq!(serde_json::from_str::<Request>(&text).expect("reads"), request);
        assert_eq!(of(&[]).settings.regions, [], "without a mask it is nowhere");
        assert!(of(&[32]).check().expect_err("refused").to_string().contains("32 by 64"));
        assert!(of(&[64, 64]).check().expect_err("refused").to_string().contains("1 regions and 2 masks"));
    }

    #[test]
    fn a_newer_version_is_refused_with_what_to_do() {
        let text = serde_json::to_string(&request()).expect("writes").replace(r#""version":1"#, r#""version":99"#);
        let error = serde_json::from_str::<Request>(&text).expect_err("refused").to_string();
        assert!(error.contains("99") && error.contains("newer underpaint"), "{error}");
    }

    #[test]
    fn full_strength_leaves_the_start_image_out() {
        let mut settings = request().settings;
        settings.strength = 1.0;
        let start = Arc::new(RgbImage::new(64, 64));
        assert_eq!(Request::new(ModelChoice::Starter, settings, Some(start)).kind, RequestKind::TextToImage);
    }

    #[test]
    fn what_no_engine_could_do_is_refused() {
        request().check().expect("a good request");
        let mut undrawn = request();
        undrawn.settings.seed = -1;
        assert!(undrawn.check().is_err());
        let mut other_size = request();
        other_size.settings.width = 128;
        let text = other_size.check().expect_err("refused").to_string();
        assert!(text.contains("64 by 64") && text.contains("128 by 64"), "{text}");
    }
}
