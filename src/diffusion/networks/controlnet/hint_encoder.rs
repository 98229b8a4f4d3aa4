//! The small network that brings a hint to the size of the latent.

use candle_core::Tensor;

use crate::diffusion::networks::layers::{Conv, LayerReader, silu, to_channels_last};
use crate::diffusion::watch::Watch;
use crate::engine::Error;
use crate::kernels::Edges;

/// Convolutions with SiLU between them, two for each size.
pub(super) struct HintEncoder {
    /// All but the last.
    convs: Vec<Conv>,
    conv_out: Conv,
}

impl HintEncoder {
    /// `widths` are its channels at each size, `to` those of the UNet's first convolution.
    ///
    /// # Errors
    /// A weight that is missing or has another shape.
    pub fn new(from: usize, widths: &[usize], to: usize, reader: &LayerReader) -> candle_core::Result<Self> {
        let reader = reader.pp("controlnet_cond_embedding").in_f32();
        let (first, last) = (widths[0], widths[widths.len() - 1]);
        let mut convs = vec![Conv::small(from, first, 3, reader.pp("conv_in"))?];
        for (i, pair) in widths.windows(2).enumerate() {
            convs.push(Conv::small(pair[0], pair[0], 3, reader.pp(format!("blocks.{}", 2 * i)))?);
            convs.push(Conv::halving(pair[0], pair[1], Edges::Even(1), reader.pp(format!("blocks.{}", 2 * i + 1)))?);
        }
        Ok(Self { convs, conv_out: Conv::small(last, to, 3, reader.pp("conv_out"))? })
    }

    /// A picture `[1, 3, height, width]` in 0..1 to `[1, height/f, width/f, to]`.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two convolutions, or shapes that do not fit.
    pub fn forward(&self, picture: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        let mut x = to_channels_last(picture)?;
        for conv in &self.convs {
            watch.check()?;
            x = silu(&conv.forward(&x, watch)?)?;
        }
        self.conv_out.forward(&x, watch)
    }
}
