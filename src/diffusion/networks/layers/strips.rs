//! Pictures in strips of rows, so that no tensor of the full resolution and width is needed at once.
//!
//! A strip is computed with as many more rows on either side as its edges would spoil, and starts where one of Winograd's
//! blocks does, so that every number is the same to the bit as in the whole picture.

use std::collections::VecDeque;

use candle_core::{Tensor, bail};

use super::{Conv, GroupNorm};
use crate::diffusion::watch::Watch;
use crate::engine::Error;
use crate::kernels::{ChannelAffine, GroupSums, WINOGRAD_ROWS};

/// How many numbers a strip has, about.
#[derive(Clone, Copy, Debug)]
pub(in crate::diffusion) struct StripSize(pub usize);

impl Default for StripSize {
    /// 64 MB in f32.
    fn default() -> Self {
        Self(1 << 24)
    }
}

impl StripSize {
    /// How many rows a strip has in a picture of this width and number of channels. The number is a multiple of
    /// [`WINOGRAD_ROWS`], and the strip holds a multiple of [`GroupSums::RUN`] pixels.
    pub fn rows(self, width: usize, channels: usize) -> usize {
        let whole = (1..=GroupSums::RUN).find(|rows| (rows * width).is_multiple_of(GroupSums::RUN)).unwrap_or(1);
        let least = (1..=WINOGRAD_ROWS)
            .map(|times| times * whole)
            .find(|rows| rows.is_multiple_of(WINOGRAD_ROWS))
            .unwrap_or(WINOGRAD_ROWS);
        (self.0 / (width * channels * least).max(1)).max(1) * least
    }
}

/// Neighbouring rows of a picture.
#[derive(Clone)]
pub(super) struct Strip {
    /// `[1, rows, width, channels]`.
    pub rows: Tensor,
    /// The first row's number in the picture.
    from: usize,
    /// Rows of the whole picture.
    height: usize,
}

impl Strip {
    fn to(&self) -> candle_core::Result<usize> {
        Ok(self.from + self.rows.dim(1)?)
    }

    /// These rows of it, counted in the picture.
    pub fn cut(&self, (from, to): (usize, usize)) -> candle_core::Result<Self> {
        if from < self.from || to > self.to()? || from > to {
            bail!("rows {from} to {to} are not in the strip");
        }
        Ok(Self { rows: self.rows.narrow(1, from - self.from, to - from)?, from, ..*self })
    }

    /// The same rows with other numbers, `[1, rows, width, any]`.
    pub fn with(&self, rows: Tensor) -> Self {
        Self { rows, ..*self }
    }

    /// The rows that a convolution leaves right.
    pub fn inside(&self, margin: usize) -> candle_core::Result<(usize, usize)> {
        let to = self.to()?;
        let at_end = if to == self.height { 0 } else { margin };
        Ok((if self.from == 0 { 0 } else { self.from + margin }, to.saturating_sub(at_end)))
    }

    /// A convolution that keeps the size, without the rows that cut edges spoil.
    pub fn conv(&self, conv: &Conv, watch: &Watch) -> Result<Self, Error> {
        Ok(self.with(conv.forward(&self.rows, watch)?).cut(self.inside(conv.margin())?)?)
    }

    /// Like [`Strip::conv`], with `onto`, which has the same rows, added.
    pub fn conv_onto(&self, conv: &Conv, onto: &Self, watch: &Watch) -> Result<Self, Error> {
        Ok(self.with(conv.forward_onto(&self.rows, &onto.rows, watch)?).cut(self.inside(conv.margin())?)?)
    }
}

/// Consecutive spans of at most `step` rows.
pub(super) fn spans(height: usize, step: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..height).step_by(step.max(1)).map(move |from| (from, (from + step).min(height)))
}

/// Rows with `by` more on either side, where the picture has them.
pub(super) fn grown((from, to): (usize, usize), by: usize, height: usize) -> (usize, usize) {
    (from.saturating_sub(by), (to + by).min(height))
}

/// A whole picture, kept in strips. The first ones can be given up while it is read from top to bottom.
pub(in crate::diffusion) struct Strips {
    parts: VecDeque<Strip>,
    height: usize,
}

impl Strips {
    /// A picture `[1, height, width, channels]` in one piece.
    pub fn whole(rows: Tensor) -> candle_core::Result<Self> {
        let height = rows.dim(1)?;
        Ok(Self { parts: [Strip { rows, from: 0, height }].into(), height })
    }

    /// An empty picture, to which rows are added until it has its height.
    pub(super) fn empty(height: usize) -> Self {
        Self { parts: VecDeque::new(), height }
    }

    /// Adds the next rows. They get memory of their own, so that nothing they were cut from is kept.
    pub(super) fn push(&mut self, rows: &Tensor) -> candle_core::Result<()> {
        let from = match self.parts.back() {
            Some(last) => last.to()?,
            None => 0,
        };
        self.parts.push_back(Strip { rows: rows.force_contiguous()?, from, height: self.height });
        Ok(())
    }

    /// All rows in one tensor.
    ///
    /// # Errors
    /// A picture without rows.
    pub fn join(self) -> candle_core::Result<Tensor> {
        let rows: Vec<Tensor> = self.parts.into_iter().map(|strip| strip.rows).collect();
        if let [only] = &rows[..] { Ok(only.clone()) } else { Tensor::cat(&rows, 1) }
    }

    fn strip(&self, (from, to): (usize, usize)) -> candle_core::Result<Strip> {
        let mut rows = Vec::new();
        for part in &self.parts {
            let (first, last) = (from.max(part.from), to.min(part.to()?));
            if first < last {
                rows.push(part.cut((first, last))?.rows);
            }
        }
        let rows = if let [only] = &rows[..] { only.clone() } else { Tensor::cat(&rows, 1)? };
        if rows.dim(1)? != to.saturating_sub(from) {
            bail!("rows {from} to {to} are not kept");
        }
        Ok(Strip { rows, from, height: self.height })
    }

    /// Gives up the strips that lie above this row.
    fn forget(&mut self, above: usize) -> candle_core::Result<()> {
        while let Some(first) = self.parts.front()
            && first.to()? <= above
        {
            self.parts.pop_front();
        }
        Ok(())
    }

    fn width_and_channels(&self) -> candle_core::Result<(usize, usize)> {
        let Some(first) = self.parts.front() else { bail!("a picture without rows") };
        Ok((first.rows.dim(2)?, first.rows.dim(3)?))
    }
}

/// A picture that is read in strips. Either its pixels are stored, or each strip is computed from a smaller stored picture
/// whenever it is read.
pub(in crate::diffusion) enum StripSource<'a> {
    /// A picture that is kept.
    Kept(Strips),
    /// The result of a convolution that keeps the size; `outputs` is its number of output channels.
    Convolved(&'a Conv, Strips, usize),
    /// The result of a convolution that doubles both sides.
    Doubled(&'a Conv, Strips),
}

impl StripSource<'_> {
    /// Height, width and channels.
    pub fn shape(&self) -> candle_core::Result<(usize, usize, usize)> {
        let (kept, outputs, growth) = match self {
            Self::Kept(kept) => (kept, None, 1),
            Self::Convolved(_, kept, outputs) => (kept, Some(*outputs), 1),
            Self::Doubled(_, kept) => (kept, None, 2),
        };
        let (width, channels) = kept.width_and_channels()?;
        Ok((growth * kept.height, growth * width, outputs.unwrap_or(channels)))
    }

    /// These rows; the first is a multiple of [`WINOGRAD_ROWS`].
    ///
    /// # Errors
    /// Rows that are not kept any more, or [`Error::Cancelled`].
    pub(super) fn strip(&self, span: (usize, usize), watch: &Watch) -> Result<Strip, Error> {
        match self {
            Self::Kept(kept) => Ok(kept.strip(span)?),
            Self::Convolved(conv, kept, _) => {
                let around = kept.strip(grown(span, conv.margin(), kept.height))?;
                Ok(around.conv(conv, watch)?.cut(span)?)
            }
            Self::Doubled(conv, kept) => {
                let small = (span.0 / 2, span.1.div_ceil(2));
                let around = kept.strip(grown(small, conv.margin(), kept.height))?;
                let rows = conv.forward(&around.rows, watch)?;
                Ok(Strip { rows, from: 2 * around.from, height: 2 * kept.height }.cut(span)?)
            }
        }
    }

    /// Rows above this one are not asked for again.
    pub(super) fn forget(&mut self, above: usize) -> candle_core::Result<()> {
        match self {
            Self::Kept(kept) => kept.forget(above),
            Self::Convolved(conv, kept, _) => kept.forget(above.saturating_sub(conv.margin())),
            Self::Doubled(conv, kept) => kept.forget((above / 2).saturating_sub(conv.margin())),
        }
    }

    /// The whole picture as a tensor `[1, height, width, channels]`.
    ///
    /// # Errors
    /// [`Error::Cancelled`].
    pub fn join(self, watch: &Watch) -> Result<Tensor, Error> {
        match self {
            Self::Kept(kept) => Ok(kept.join()?),
            computed => Ok(computed.strip((0, computed.shape()?.0), watch)?.rows),
        }
    }

    /// What a norm scales and shifts this picture's channels by; `hidden` makes the rows it is given what the
    /// norm sees, and takes `margin` more rows on either side for that.
    pub(super) fn gather(
        &self,
        norm: &GroupNorm,
        channels: usize,
        rows: usize,
        margin: usize,
        hidden: impl Fn(Strip) -> Result<Strip, Error>,
        watch: &Watch,
    ) -> Result<ChannelAffine, Error> {
        let height = self.shape()?.0;
        let mut sums = GroupSums::new(channels);
        for span in spans(height, rows) {
            let strip = hidden(self.strip(grown(span, margin, height), watch)?)?.cut(span)?;
            norm.gather(&mut sums, &strip.rows)?;
        }
        Ok(norm.affine(&sums))
    }

    /// A norm with its activation, then a convolution, of the whole picture: `[1, height, width, outputs]`.
    ///
    /// # Errors
    /// [`Error::Cancelled`], or shapes that do not fit.
    pub fn norm_and_conv(
        mut self,
        norm: &GroupNorm,
        conv: &Conv,
        size: StripSize,
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        let (height, width, channels) = self.shape()?;
        let rows = size.rows(width, channels);
        let by = self.gather(norm, channels, rows, 0, Ok, watch)?;
        let mut made = Strips::empty(height);
        for span in spans(height, rows) {
            let around = self.strip(grown(span, conv.margin(), height), watch)?;
            let normed = around.with(norm.apply_activated(&by, &around.rows)?);
            made.push(&normed.conv(conv, watch)?.cut(span)?.rows)?;
            self.forget(span.1.saturating_sub(conv.margin()))?;
        }
        Ok(made.join()?)
    }

    /// The convolution that halves both sides and pads below and on the right only.
    ///
    /// # Errors
    /// [`Error::Cancelled`], or shapes that do not fit.
    pub fn halved(mut self, conv: &Conv, size: StripSize, watch: &Watch) -> Result<Strips, Error> {
        let (height, width, channels) = self.shape()?;
        let mut made = Strips::empty(height / 2);
        for (from, to) in spans(height / 2, size.rows(width, channels).div_ceil(2)) {
            // An output row reads three rows of the input, from its own on.
            let last = if to == height / 2 { height } else { 2 * to + 2 };
            let rows = conv.forward(&self.strip((2 * from, last), watch)?.rows, watch)?;
            made.push(&rows.narrow(1, 0, to - from)?)?;
            self.forget(2 * to)?;
        }
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strip_has_whole_blocks_of_rows_and_whole_runs_of_pixels() {
        for (width, channels) in [(512, 128), (520, 256), (8, 512), (260, 4), (2048, 256), (33, 7), (1, 1)] {
            for size in [1, 1000, 1 << 24] {
                let rows = StripSize(size).rows(width, channels);
                assert!(rows > 0 && rows.is_multiple_of(WINOGRAD_ROWS), "{width}: {rows}");
                assert!((rows * width).is_multiple_of(GroupSums::RUN), "{width}: {rows}");
            }
        }
        assert_eq!(StripSize::default().rows(1024, 256), 64);
        assert_eq!(StripSize::default().rows(2048, 256), 32);
    }

    #[test]
    fn rows_that_were_given_up_are_refused_and_the_others_read() {
        let rows = |from: u32, to: u32| {
            let numbers: Vec<f32> = (from..to).flat_map(|row| [row as f32; 6]).collect();
            Tensor::from_vec(numbers, (1, (to - from) as usize, 2, 3), &candle_core::Device::Cpu).expect("tensor")
        };
        let mut kept = Strips::empty(10);
        for (from, to) in spans(10, 4) {
            kept.push(&rows(from as u32, to as u32)).expect("fits");
        }
        let numbers = |t: &Tensor| t.flatten_all().and_then(|t| t.to_vec1::<f32>()).expect("numbers");
        assert_eq!(numbers(&kept.strip((3, 9)).expect("kept").rows), numbers(&rows(3, 9)));
        kept.forget(4).expect("gives up");
        assert_eq!(numbers(&kept.strip((4, 10)).expect("kept").rows), numbers(&rows(4, 10)));
        kept.strip((3, 5)).map(|_| ()).expect_err("row 3 is gone");
        kept.strip((9, 11)).map(|_| ()).expect_err("there is no row 10");
    }
}
