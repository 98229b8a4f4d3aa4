//! What a person points at, and the tokens that the mask decoder gets for it.

use candle_core::{D, Device, Result, Tensor};
use candle_nn::VarBuilder;

use crate::engine::Error;

/// A point of a picture that belongs to the object or does not. Pixels are counted from the left top corner; the middle of the first
/// pixel is at 0, 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PromptPoint {
    /// From the left.
    pub x: f32,
    /// From the top.
    pub y: f32,
    /// Whether the object is there; otherwise it must not reach there.
    pub is_inside: bool,
}

/// A box around an object, in pixels as in [`PromptPoint`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PromptBox {
    /// The left edge.
    pub left: f32,
    /// The top edge.
    pub top: f32,
    /// The right edge.
    pub right: f32,
    /// The bottom edge.
    pub bottom: f32,
}

/// Which object is meant: points in and around it, a box around it, or both.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObjectPrompt {
    /// Points, in any order.
    pub points: Vec<PromptPoint>,
    /// A box.
    pub area: Option<PromptBox>,
}

impl ObjectPrompt {
    /// The most points that are taken.
    pub const MAX_POINTS: usize = 64;

    /// Whether it names an object.
    ///
    /// # Errors
    /// No point inside and no box, too many points, or coordinates that are not numbers.
    pub fn check(&self) -> std::result::Result<(), Error> {
        let refuse = |text: &str| Err(Error::Setting(text.into()));
        let corners = self.area.iter().flat_map(|area| [area.left, area.top, area.right, area.bottom]);
        let numbers = self.points.iter().flat_map(|point| [point.x, point.y]).chain(corners);
        if numbers.into_iter().any(|number| !number.is_finite()) {
            return refuse("A point to select at is not a number; give pixels of the picture.");
        }
        if self.area.is_none() && !self.points.iter().any(|point| point.is_inside) {
            return refuse("There is nothing to select yet; click on an object or draw a box around it.");
        }
        if self.points.len() > Self::MAX_POINTS {
            return refuse("There are more than 64 points; start the selection again with fewer.");
        }
        Ok(())
    }

    /// Whether it can mean several nested objects, such as a window and the house around it: one point, and nothing else.
    pub(super) fn is_ambiguous(&self) -> bool {
        self.points.len() == 1 && self.area.is_none()
    }
}

/// Segment Anything's prompt encoder without mask prompts.
pub(super) struct PromptEncoder {
    /// Random frequencies (Tancik et al. 2020), `[2, width / 2]`.
    frequencies: Tensor,
    /// What points outside, points inside, left top and right bottom corners add, each `[1, width]`.
    kinds: [Tensor; 4],
    /// The token where there is no box, `[1, width]`.
    no_point: Tensor,
    /// What every place of the embedding gets where there is no mask prompt, `[1, width]`.
    no_mask: Tensor,
    grid: usize,
    side: usize,
}

impl PromptEncoder {
    /// `grid` is the side of the embedding in vectors, `side` that of the encoder's picture in pixels.
    pub fn new(width: usize, grid: usize, side: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let kind = |i: usize| vb.get((1, width), &format!("point_embeddings.{i}.weight"));
        Ok(Self {
            frequencies: vb.get((2, width / 2), "pe_layer.positional_encoding_gaussian_matrix")?,
            kinds: [kind(0)?, kind(1)?, kind(2)?, kind(3)?],
            no_point: vb.get((1, width), "not_a_point_embed.weight")?,
            no_mask: vb.get((1, width), "no_mask_embed.weight")?,
            grid,
            side,
        })
    }

    /// The tokens of a prompt in pixels of the encoder's picture, `[1, n, width]`, and what is added to the embedding,
    /// `[1, width, 1, 1]`.
    pub fn encode(&self, prompt: &ObjectPrompt) -> Result<(Tensor, Tensor)> {
        // The middle of a pixel is half a pixel from its corner.
        let place = |x: f32, y: f32| [(x + 0.5) / self.side as f32, (y + 0.5) / self.side as f32];
        let mut places: Vec<[f32; 2]> = prompt.points.iter().map(|point| place(point.x, point.y)).collect();
        let mut kinds: Vec<&Tensor> =
            prompt.points.iter().map(|point| &self.kinds[usize::from(point.is_inside)]).collect();
        if let Some(area) = prompt.area {
            places.extend([place(area.left, area.top), place(area.right, area.bottom)]);
            kinds.extend([&self.kinds[2], &self.kinds[3]]);
        }
        let mut tokens = (self.at(&places)? + Tensor::cat(&kinds, 0)?)?;
        if prompt.area.is_none() {
            tokens = Tensor::cat(&[&tokens, &self.no_point], 0)?;
        }
        let width = self.no_mask.elem_count();
        Ok((tokens.unsqueeze(0)?, self.no_mask.reshape((1, width, 1, 1))?))
    }

    /// The encoded places of the embedding's vectors, `[1, width, grid, grid]`.
    pub fn grid_places(&self) -> Result<Tensor> {
        let at = |i: usize| (i as f32 + 0.5) / self.grid as f32;
        let places: Vec<[f32; 2]> =
            (0..self.grid * self.grid).map(|i| [at(i % self.grid), at(i / self.grid)]).collect();
        let (grid, width) = (self.grid, self.no_mask.elem_count());
        self.at(&places)?.t()?.reshape((1, width, grid, grid))
    }

    /// Places in 0..1 as vectors, `[n, width]`: sines, then cosines.
    fn at(&self, places: &[[f32; 2]]) -> Result<Tensor> {
        let places = Tensor::from_vec(places.concat(), (places.len(), 2), &Device::Cpu)?.affine(2.0, -1.0)?;
        let angles = (places.matmul(&self.frequencies)? * std::f64::consts::TAU)?;
        Tensor::cat(&[angles.sin()?, angles.cos()?], D::Minus1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_must_name_something() {
        let point = |x: f32, is_inside: bool| PromptPoint { x, y: 1.0, is_inside };
        let of = |points: Vec<PromptPoint>, area: Option<PromptBox>| ObjectPrompt { points, area }.check();
        let area = Some(PromptBox { left: 0.0, top: 0.0, right: 5.0, bottom: 5.0 });
        assert!(of(vec![point(3.0, true)], None).is_ok() && of(vec![point(3.0, false)], area).is_ok());
        for (points, area) in [(vec![], None), (vec![point(3.0, false)], None), (vec![point(3.0, true); 65], None)] {
            assert!(of(points, area).is_err());
        }
        assert!(of(vec![point(f32::NAN, true)], None).expect_err("refused").to_string().contains("not a number"));
    }
}
