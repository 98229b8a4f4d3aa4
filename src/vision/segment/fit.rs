//! How a picture lies in the square that the encoder sees: at its left top, as large as it can be.

use image::RgbImage;
use image::imageops::{self, FilterType};

use super::prompts::{ObjectPrompt, PromptBox, PromptPoint};

/// Mean and standard deviation of red, green and blue that the network was trained with.
const MEAN: [f32; 3] = [123.675, 116.28, 103.53];
const DEVIATION: [f32; 3] = [58.395, 57.12, 57.375];

/// The place of a picture in the encoder's square.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EncoderFit {
    /// Width and height of the picture in pixels.
    pub picture: (u32, u32),
    /// Width and height of the picture in the square.
    pub scaled: (u32, u32),
    /// The side of the square.
    pub side: usize,
}

impl EncoderFit {
    /// `None` for a picture without pixels.
    pub fn new((width, height): (u32, u32), side: usize) -> Option<Self> {
        if width == 0 || height == 0 {
            return None;
        }
        let scale = side as f64 / f64::from(width.max(height));
        let scaled = |length: u32| ((f64::from(length) * scale + 0.5) as u32).clamp(1, side as u32);
        Some(Self { picture: (width, height), scaled: (scaled(width), scaled(height)), side })
    }

    /// The picture as the encoder gets it, `[3, side, side]`, normalised, with zeros where it does not reach.
    pub fn encoder_input(&self, picture: &RgbImage) -> Vec<f32> {
        let (width, height) = self.scaled;
        let resized;
        let picture = if picture.dimensions() == self.scaled {
            picture
        } else {
            resized = imageops::resize(picture, width, height, FilterType::Triangle);
            &resized
        };
        let plane = self.side * self.side;
        let mut input = vec![0.0; 3 * plane];
        for (x, y, pixel) in picture.enumerate_pixels() {
            let at = y as usize * self.side + x as usize;
            for channel in 0..3 {
                input[channel * plane + at] = (f32::from(pixel.0[channel]) - MEAN[channel]) / DEVIATION[channel];
            }
        }
        input
    }

    /// A prompt in pixels of the picture, in pixels of the square.
    pub fn to_encoder(self, prompt: &ObjectPrompt) -> ObjectPrompt {
        let across = self.scaled.0 as f32 / self.picture.0 as f32;
        let down = self.scaled.1 as f32 / self.picture.1 as f32;
        let points = prompt.points.iter().map(|point| PromptPoint { x: point.x * across, y: point.y * down, ..*point });
        let area = prompt.area.map(|area| PromptBox {
            left: area.left.min(area.right) * across,
            top: area.top.min(area.bottom) * down,
            right: area.left.max(area.right) * across,
            bottom: area.top.max(area.bottom) * down,
        });
        ObjectPrompt { points: points.collect(), area }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_fills_the_square_in_one_direction() {
        let of = |picture| EncoderFit::new(picture, 1024).map(|fit| fit.scaled);
        assert_eq!(of((512, 256)), Some((1024, 512)));
        assert_eq!(of((2000, 4000)), Some((512, 1024)));
        assert_eq!(of((1, 9000)), Some((1, 1024)));
        assert_eq!(of((0, 5)), None);
        let fit = EncoderFit::new((2, 1), 4).expect("pixels");
        let mut picture = RgbImage::new(2, 1);
        picture.put_pixel(0, 0, image::Rgb([255, 0, 0]));
        let input = fit.encoder_input(&picture);
        let at = |channel: usize, x: usize, y: usize| input[channel * 16 + y * 4 + x];
        assert_eq!(at(0, 0, 0), (255.0 - MEAN[0]) / DEVIATION[0]);
        assert_eq!(at(1, 3, 1), -MEAN[1] / DEVIATION[1]);
        assert!((0..4).all(|x| at(2, x, 2) == 0.0 && at(2, x, 3) == 0.0), "the rest is zero");
        let point = PromptPoint { x: 1.0, y: 0.5, is_inside: true };
        let area = PromptBox { left: 2.0, top: 1.0, right: 0.0, bottom: 0.0 };
        let prompt = fit.to_encoder(&ObjectPrompt { points: vec![point], area: Some(area) });
        assert_eq!((prompt.points[0].x, prompt.points[0].y), (2.0, 1.0));
        assert_eq!(prompt.area, Some(PromptBox { left: 0.0, top: 0.0, right: 4.0, bottom: 2.0 }), "corners in order");
    }
}
