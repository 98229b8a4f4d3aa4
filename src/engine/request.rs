//! What to make: one versioned, serialisable type for every engine.

use std::io::Cursor;
use std::sync::Arc;

use base64::engine::general_purpose::STANDARD;
use image::{ImageFormat, RgbImage};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Error, ModelChoice, Settings};

/// The format of serialised requests. A reader refuses a higher one.
const VERSION: u32 = 1;

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
}

/// From what a round starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RequestKind {
    /// From noise alone.
    TextToImage,
    /// From a picture and noise.
    ImageToImage {
        /// The start image, of exactly the size in the settings. Serialised as a PNG in base64.
        #[serde(with = "png_in_base64")]
        start: Arc<RgbImage>,
    },
}

impl Request {
    /// A request for these settings. At denoising strength 1 the start image would have no influence, so
    /// the request is then a text-to-image one.
    pub fn new(model: ModelChoice, settings: Settings, start: Option<Arc<RgbImage>>) -> Self {
        let kind = match start {
            Some(start) if settings.strength < 1.0 => RequestKind::ImageToImage { start },
            _ => RequestKind::TextToImage,
        };
        Self { model, settings, kind }
    }

    /// The start image, where there is one.
    pub fn start(&self) -> Option<&RgbImage> {
        match &self.kind {
            RequestKind::TextToImage => None,
            RequestKind::ImageToImage { start } => Some(start),
        }
    }

    /// Checks every range, the drawn seed, and the start image's size.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the first thing that is wrong.
    pub fn check(&self) -> Result<(), Error> {
        self.settings.check()?;
        if self.settings.seed < 0 {
            return Err(Error::Setting("A request needs a drawn seed, not -1.".into()));
        }
        let (w, h) = (self.settings.width, self.settings.height);
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

    /// Steps each image of this request takes, as the engine reports them.
    pub fn steps(&self) -> usize {
        self.settings.steps_to_report(self.start().is_some())
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
}

impl From<Request> for Versioned {
    fn from(Request { model, settings, kind }: Request) -> Self {
        Self { version: VERSION, model, settings, kind }
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
        Ok(Self { model: read.model, settings: read.settings, kind: read.kind })
    }
}

mod png_in_base64 {
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
        limits.max_image_width = Some(Settings::MAX_SIDE as u32);
        limits.max_image_height = Some(Settings::MAX_SIDE as u32);
        reader.limits(limits);
        let picture = reader.decode().map_err(serde::de::Error::custom)?;
        Ok(Arc::new(picture.to_rgb8()))
    }
}

#[cfg(test)]
mod tests {
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
