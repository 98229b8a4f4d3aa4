//! The conditional UNet of Stable Diffusion (Rombach et al. 2022), built from its config.

mod block;
pub(in crate::diffusion) mod config;
mod deep_feature;
mod down_path;
mod inputs;
mod regions;
mod residuals;
#[cfg(test)]
mod tests;
mod transformer;

use candle_core::Tensor;

use crate::diffusion::networks::layers::{Conv, GroupNorm, LayerReader, to_channels_first};
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::diffusion::watch::Watch;
use crate::engine::Error;
use block::UpBlock;
pub(in crate::diffusion) use deep_feature::DeepFeature;
use down_path::resnet_shape;
pub(in crate::diffusion::networks) use down_path::{DownPath, Reached};
pub(in crate::diffusion) use inputs::UNetInputs;
pub(in crate::diffusion) use regions::{RegionMasks, RegionTexts};
pub(in crate::diffusion) use residuals::{Residuals, ResidualsNeeded};

/// How many layers of the last block run where deep features are reused: the branch of DeepCache's published results.
pub(in crate::diffusion) const SHALLOW_LAYERS: usize = 2;

pub(in crate::diffusion) struct UNet {
    way_down: DownPath,
    up: Vec<UpBlock>,
    norm_out: GroupNorm,
    conv_out: Conv,
}

/// What one evaluation of the UNet depends on besides the latent.
pub(in crate::diffusion) struct Conditions<'a> {
    /// `0.0..=999.0`; fractions are allowed.
    pub timestep: f64,
    /// The prompt's hidden states, `[batch, tokens, width]`.
    pub states: &'a Tensor,
    /// The guidance scale, which only models that were distilled with guidance take.
    pub cfg_scale: f64,
    /// What a control network adds.
    pub residuals: Option<&'a Residuals>,
    /// The texts that parts of the picture attend to besides.
    pub regions: Option<&'a RegionTexts>,
}

impl<'a> Conditions<'a> {
    /// What positions attend to.
    fn texts(&self) -> AttendedTexts<'a> {
        AttendedTexts { states: self.states, regions: self.regions }
    }
}

/// What the positions of an evaluation attend to.
#[derive(Clone, Copy)]
struct AttendedTexts<'a> {
    /// The prompt's hidden states, `[batch, tokens, width]`.
    states: &'a Tensor,
    regions: Option<&'a RegionTexts>,
}

impl UNet {
    /// Builds the network.
    ///
    /// # Errors
    /// A weight that is missing or has another shape than the config says.
    pub fn new(config: &UNetConfig, reader: LayerReader) -> candle_core::Result<Self> {
        let widths = &config.block_out_channels;
        let levels = widths.len();
        let (first, lowest) = (widths[0], widths[levels - 1]);
        let way_up = || {
            // The way up takes the last skip connection first.
            let mut skips = DownPath::skips(config);
            let mut from = lowest;
            let level = |index: usize| {
                let reader = reader.pp(format!("up_blocks.{index}"));
                let below = std::mem::replace(&mut from, widths[levels - 1 - index]);
                UpBlock::new(config, resnet_shape(config), index, below, reader, &mut skips)
            };
            (0..levels).map(level).collect::<candle_core::Result<Vec<_>>>()
        };
        // While one reads from the file, another packs what it has read.
        let (way_down, up) = rayon::join(|| DownPath::new(config, &reader), way_up);
        Ok(Self {
            way_down: way_down?,
            up: up?,
            norm_out: GroupNorm::new(
                config.norm_num_groups,
                first,
                config.norm_eps,
                reader.pp("conv_norm_out").in_f32(),
            )?,
            conv_out: Conv::new(first, config.out_channels, 3, reader.pp("conv_out").in_f32())?,
        })
    }

    /// Whether the guidance scale is an input of the model, so that one evaluation a step is enough.
    pub fn takes_guidance(&self) -> bool {
        self.way_down.takes_guidance()
    }

    /// A scaled latent `x` `[batch, c, h, w]`, with what the model takes besides as more channels, to the model's
    /// prediction, `[batch, c, h, w]` of the latent's channels.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks, or shapes that do not fit.
    pub fn forward(&self, x: &Tensor, conditions: &Conditions<'_>, watch: &Watch) -> Result<Tensor, Error> {
        let (mut reached, below) = self.to_last_block(x, conditions, watch)?;
        let Some(last) = self.up.last() else { return self.out(&below, watch) };
        let x = last.forward(&below, Some(&reached.time), conditions.texts(), &mut reached.skips, watch)?;
        self.out(&x, watch)
    }

    /// [`UNet::forward`], and the feature `[batch, h, w, c]` that [`UNet::forward_reusing`] takes.
    ///
    /// # Errors
    /// As of [`UNet::forward`].
    pub fn forward_keeping(
        &self,
        x: &Tensor,
        conditions: &Conditions<'_>,
        watch: &Watch,
    ) -> Result<(Tensor, DeepFeature), Error> {
        let (mut reached, below) = self.to_last_block(x, conditions, watch)?;
        let Some(last) = self.up.last() else { return Ok((self.out(&below, watch)?, DeepFeature(below))) };
        let (time, texts, skips) = (Some(&reached.time), conditions.texts(), &mut reached.skips);
        let first = last.layers() - self.shallow_layers();
        let deep = last.layers_between(0..first, &below, time, texts, skips, watch)?;
        let x = last.layers_between(first..last.layers(), &deep, time, texts, skips, watch)?;
        Ok((self.out(&last.end(x, watch)?, watch)?, DeepFeature(deep)))
    }

    /// [`UNet::forward`] with the deep blocks' output of an earlier evaluation (DeepCache, Ma et al. 2023): only the first
    /// layers of the first level and the last of the last one run, about a quarter of the work. Of the residuals only those of
    /// the skip connections that are used are looked at.
    ///
    /// # Errors
    /// As of [`UNet::forward`], or a feature of another shape.
    pub fn forward_reusing(
        &self,
        x: &Tensor,
        deep: &DeepFeature,
        conditions: &Conditions<'_>,
        watch: &Watch,
    ) -> Result<Tensor, Error> {
        let Some(last) = self.up.last() else { return self.out(&deep.0, watch) };
        let layers = self.shallow_layers();
        let Reached { mut skips, time, .. } = self.way_down.begin(x, None, layers - 1, conditions, watch)?;
        if let Some(residuals) = conditions.residuals {
            residuals.add_to_skips(&mut skips)?;
        }
        let run = last.layers() - layers..last.layers();
        let x = last.layers_between(run, &deep.0, Some(&time), conditions.texts(), &mut skips, watch)?;
        self.out(&last.end(x, watch)?, watch)
    }

    /// The residuals that [`UNet::forward_reusing`] takes.
    pub fn residuals_of_reusing(&self) -> ResidualsNeeded {
        ResidualsNeeded::FirstSkips(self.shallow_layers())
    }

    /// How many layers of the last block run where deep features are reused; one less of the first block, because the
    /// first skip connection is made before it.
    fn shallow_layers(&self) -> usize {
        self.up.last().map_or(1, |last| last.layers().min(SHALLOW_LAYERS))
    }

    /// Everything before the last block of the way up: its input, and the skip connections that are left.
    fn to_last_block(
        &self,
        x: &Tensor,
        conditions: &Conditions<'_>,
        watch: &Watch,
    ) -> Result<(Reached, Tensor), Error> {
        let mut reached = self.way_down.forward(x, None, conditions, watch)?;
        let mut x = reached.x.clone();
        if let Some(residuals) = conditions.residuals {
            residuals.add_to_skips(&mut reached.skips)?;
            if let Some(middle) = &residuals.middle {
                x = (x + middle)?;
            }
        }
        for block in self.up.iter().take(self.up.len().saturating_sub(1)) {
            x = block.forward(&x, Some(&reached.time), conditions.texts(), &mut reached.skips, watch)?;
        }
        Ok((reached, x))
    }

    fn out(&self, x: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        Ok(to_channels_first(&self.conv_out.forward(&self.norm_out.forward_activated(x)?, watch)?)?)
    }
}
