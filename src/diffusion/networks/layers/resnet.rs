//! The residual block.

use candle_core::Tensor;

use super::strips::{Strip, StripSize, StripSource, Strips, grown, spans};
use super::{Conv, GroupNorm, LayerReader, Linear};
use crate::diffusion::watch::Watch;
use crate::engine::Error;

/// A pre-activation residual block (He et al. 2016), with the time embedding added in between
/// where there is one.
pub(in crate::diffusion) struct Resnet {
    norm1: GroupNorm,
    conv1: Conv,
    time: Option<Linear>,
    norm2: GroupNorm,
    conv2: Conv,
    shortcut: Option<Conv>,
    /// Channels after the first convolution.
    to: usize,
}

/// What shapes a [`Resnet`].
#[derive(Clone, Copy)]
pub(in crate::diffusion) struct ResnetShape {
    pub groups: usize,
    pub eps: f64,
    pub time_width: Option<usize>,
    /// Whether it works at the lowest resolution, where Winograd's algorithm does not pay.
    pub lowest: bool,
}

impl Resnet {
    pub fn new(from: usize, to: usize, shape: ResnetShape, reader: LayerReader) -> candle_core::Result<Self> {
        let ResnetShape { groups, eps, time_width, lowest } = shape;
        let conv = if lowest { Conv::small } else { Conv::new };
        Ok(Self {
            norm1: GroupNorm::new(groups, from, eps, reader.pp("norm1"))?,
            conv1: conv(from, to, 3, reader.pp("conv1"))?,
            time: time_width.map(|width| Linear::new(width, to, reader.pp("time_emb_proj"))).transpose()?,
            norm2: GroupNorm::new(groups, to, eps, reader.pp("norm2"))?,
            conv2: conv(to, to, 3, reader.pp("conv2"))?,
            shortcut: (from != to).then(|| Conv::new(from, to, 1, reader.pp("conv_shortcut"))).transpose()?,
            to,
        })
    }

    /// `x` `[b, h, w, from]` and the activated time embedding `[1, width]` to `[b, h, w, to]`.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between its convolutions, or shapes that do not fit.
    pub fn forward(&self, x: &Tensor, time: Option<&Tensor>, watch: &Watch) -> Result<Tensor, Error> {
        watch.check()?;
        // Each tensor is dropped as soon as the next is made: at full size they take a hundred megabytes.
        let mut hidden = self.norm1.forward_activated(x)?;
        hidden = match (&self.time, time) {
            (Some(layer), Some(time)) => self.conv1.forward_shifted(&hidden, &layer.forward(time)?, watch)?,
            _ => self.conv1.forward(&hidden, watch)?,
        };
        hidden = self.norm2.forward_activated(&hidden)?;
        match &self.shortcut {
            Some(layer) => self.conv2.forward_onto(&hidden, &layer.forward(x, watch)?, watch),
            None => self.conv2.forward_onto(&hidden, x, watch),
        }
    }
    /// The block without a time embedding, in strips of rows: the same numbers to the bit, without keeping a whole
    /// picture between its convolutions. The first convolution runs twice for that, once for what the second
    /// norm must know of the whole picture.
    ///
    /// # Errors
    /// [`Error::Cancelled`], or shapes that do not fit.
    pub fn forward_in_strips(&self, mut x: StripSource<'_>, size: StripSize, watch: &Watch) -> Result<Strips, Error> {
        let (height, width, from) = x.shape()?;
        let rows = size.rows(width, from.max(self.to));
        if rows >= height {
            return Ok(Strips::whole(self.forward(&x.join(watch)?, None, watch)?)?);
        }
        let (before_first, before_second) = (self.conv1.margin(), self.conv2.margin());
        let first = x.gather(&self.norm1, from, rows, 0, Ok, watch)?;
        let hidden = |x: &Strip| x.with(self.norm1.apply_activated(&first, &x.rows)?).conv(&self.conv1, watch);
        let second = x.gather(&self.norm2, self.to, rows, before_first, |x| hidden(&x), watch)?;
        let mut made = Strips::empty(height);
        for span in spans(height, rows) {
            let around = x.strip(grown(span, before_first + before_second, height), watch)?;
            let mut inner = hidden(&around)?;
            inner = inner.with(self.norm2.apply_activated(&second, &inner.rows)?);
            let mut onto = around.cut(around.inside(before_first)?)?;
            if let Some(shortcut) = &self.shortcut {
                onto = onto.conv(shortcut, watch)?;
            }
            made.push(&inner.conv_onto(&self.conv2, &onto, watch)?.cut(span)?.rows)?;
            x.forget(span.1.saturating_sub(before_first + before_second))?;
        }
        Ok(made)
    }
}
