//! Animations: GIF, and PNG with all colours.

use std::path::Path;

use image::codecs::gif::{GifEncoder, Repeat};
use image::{Delay, DynamicImage, Frame, RgbImage};

/// A kind of animation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnimationKind {
    /// GIF: 256 colours a frame; every program shows it.
    #[default]
    Gif,
    /// Animated PNG: every colour; web browsers show it.
    Png,
}

impl AnimationKind {
    /// Both kinds, the default first.
    pub const ALL: [Self; 2] = [Self::Gif, Self::Png];

    /// Its name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Self::Gif => "GIF",
            Self::Png => "Animated PNG",
        }
    }

    /// The usual ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Gif => "gif",
            Self::Png => "png",
        }
    }

    /// The kind that a file's ending names, in any case: `.gif`, `.png` or `.apng`.
    pub fn from_path(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "gif" => Some(Self::Gif),
            "png" | "apng" => Some(Self::Png),
            _ => None,
        }
    }
}

/// Why an animation could not be made, as one sentence.
#[derive(Debug, thiserror::Error)]
#[error("The animation could not be written as {}: {reason}.", kind.label())]
pub struct AnimationError {
    kind: AnimationKind,
    reason: String,
}

/// An animation that is written into memory frame by frame, and repeats without end.
pub struct Animation<'a> {
    kind: AnimationKind,
    writer: Writer<'a>,
}

enum Writer<'a> {
    Gif(Box<GifEncoder<&'a mut Vec<u8>>>),
    Png(Box<png::Writer<&'a mut Vec<u8>>>),
}

impl<'a> Animation<'a> {
    /// How strongly the colours of a GIF are searched for, from 1 (best) to 30 (quick).
    const SPEED: i32 = 10;

    /// Begins an animation of exactly `frames` frames of `width` by `height` pixels.
    ///
    /// # Errors
    /// What the encoder reports, as for no frames at all.
    pub fn begin(
        kind: AnimationKind,
        (width, height): (u32, u32),
        frames: u32,
        bytes: &'a mut Vec<u8>,
    ) -> Result<Self, AnimationError> {
        let fail = |reason: String| AnimationError { kind, reason };
        let writer = match kind {
            AnimationKind::Gif => {
                let mut encoder = GifEncoder::new_with_speed(bytes, Self::SPEED);
                encoder.set_repeat(Repeat::Infinite).map_err(|error| fail(error.to_string()))?;
                Writer::Gif(Box::new(encoder))
            }
            AnimationKind::Png => {
                let mut encoder = png::Encoder::new(bytes, width, height);
                encoder.set_color(png::ColorType::Rgb);
                encoder.set_depth(png::BitDepth::Eight);
                encoder.validate_sequence(true);
                encoder.set_animated(frames, 0).map_err(|error| fail(error.to_string()))?;
                Writer::Png(Box::new(encoder.write_header().map_err(|error| fail(error.to_string()))?))
            }
        };
        Ok(Self { kind, writer })
    }

    /// Adds a frame of the animation's size, which is shown for so many milliseconds.
    ///
    /// # Errors
    /// What the encoder reports.
    pub fn push(&mut self, picture: &RgbImage, milliseconds: u16) -> Result<(), AnimationError> {
        let kind = self.kind;
        let done = match &mut self.writer {
            Writer::Gif(encoder) => {
                let delay = Delay::from_numer_denom_ms(u32::from(milliseconds), 1);
                let rgba = DynamicImage::ImageRgb8(picture.clone()).into_rgba8();
                encoder.encode_frame(Frame::from_parts(rgba, 0, 0, delay)).map_err(|error| error.to_string())
            }
            Writer::Png(writer) => writer
                .set_frame_delay(milliseconds, 1000)
                .and_then(|()| writer.write_image_data(picture.as_raw()))
                .map_err(|error| error.to_string()),
        };
        done.map_err(|reason| AnimationError { kind, reason })
    }

    /// Ends the animation; its bytes are complete.
    ///
    /// # Errors
    /// What the encoder reports, as for missing frames.
    pub fn finish(self) -> Result<(), AnimationError> {
        match self.writer {
            // The end of a GIF is written when its encoder is dropped.
            Writer::Gif(encoder) => drop(encoder),
            Writer::Png(writer) => {
                writer.finish().map_err(|error| AnimationError { kind: self.kind, reason: error.to_string() })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use image::AnimationDecoder;

    use super::*;

    fn shade(shade: u8) -> RgbImage {
        RgbImage::from_pixel(40, 30, image::Rgb([shade, 0, 255 - shade]))
    }

    fn made(kind: AnimationKind) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut animation = Animation::begin(kind, (40, 30), 3, &mut bytes).expect("begins");
        for (value, time) in [(0, 100), (120, 200), (250, 1500)] {
            animation.push(&shade(value), time).expect("adds");
        }
        animation.finish().expect("ends");
        bytes
    }

    #[test]
    fn frames_and_their_times_are_read_back() {
        let reader = || std::io::Cursor::new(made(AnimationKind::Gif));
        let gif = image::codecs::gif::GifDecoder::new(reader()).expect("a GIF").into_frames();
        let png = image::codecs::png::PngDecoder::new(std::io::Cursor::new(made(AnimationKind::Png))).expect("a PNG");
        let png = png.apng().expect("animated").into_frames();
        for frames in [gif.collect_frames(), png.collect_frames()] {
            let frames = frames.expect("decodes");
            let times: Vec<u32> = frames.iter().map(|frame| frame.delay().numer_denom_ms().0).collect();
            assert_eq!(times, [100, 200, 1500]);
            for (frame, value) in frames.iter().zip([0u8, 120, 250]) {
                let pixel = frame.buffer().get_pixel(20, 20).0;
                assert!(pixel[0].abs_diff(value) < 8, "{pixel:?}");
            }
        }
    }

    #[test]
    fn a_name_says_the_kind_and_missing_frames_are_an_error() {
        for (name, kind) in
            [("a.gif", Some(AnimationKind::Gif)), ("a.APNG", Some(AnimationKind::Png)), ("a.webp", None), ("a", None)]
        {
            assert_eq!(AnimationKind::from_path(Path::new(name)), kind, "{name}");
        }
        let mut bytes = Vec::new();
        assert!(Animation::begin(AnimationKind::Png, (4, 4), 0, &mut bytes).is_err());
        let animation = Animation::begin(AnimationKind::Png, (4, 4), 2, &mut bytes).expect("begins");
        assert!(animation.finish().expect_err("too few").to_string().contains("Animated PNG"));
    }
}
