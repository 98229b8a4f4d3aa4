//! Weights for the blocks of the UNet, as the LoRA Block Weight extension of AUTOMATIC1111's web UI has them (`lbw=`).
//!
//! A list has 17 numbers, for the text encoder (BASE) and the blocks with attention, or 26, for all blocks. In a list of
//! 17 the other blocks have weight 0.

/// The blocks of a list of 26 numbers: BASE, IN00 to IN11, M00, OUT00 to OUT11.
const ALL: usize = 26;
/// Their places that a list of 17 numbers names.
const WITH_ATTENTION: [usize; 17] = [0, 2, 3, 5, 6, 8, 9, 13, 17, 18, 19, 20, 21, 22, 23, 24, 25];
const MIDDLE: usize = 13;
const OUT: usize = 14;

/// The extension's presets: BASE, then which of the sixteen blocks have the same weight.
const PRESETS: [(&str, f32, [u8; 16]); 10] = [
    ("NONE", 0.0, [0; 16]),
    ("ALL", 1.0, [1; 16]),
    ("INS", 1.0, [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ("IND", 1.0, [0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ("INALL", 1.0, [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ("MIDD", 1.0, [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0]),
    ("OUTD", 1.0, [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0]),
    ("OUTS", 1.0, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]),
    ("OUTALL", 1.0, [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
    ("ALL0.5", 0.5, [1; 16]),
];

/// A weight for each block of the UNet, and one for the text encoder.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::diffusion) struct BlockWeights([f32; ALL]);

impl BlockWeights {
    /// Reads a preset's name or a list of 17 or 26 numbers; `None` if it is neither.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let preset = PRESETS.iter().find(|(name, _, _)| name.eq_ignore_ascii_case(text));
        if let Some((_, weight, blocks)) = preset {
            let list: Vec<f32> =
                std::iter::once(*weight).chain(blocks.iter().map(|on| weight * f32::from(*on))).collect();
            return Self::of_list(&list);
        }
        let number = |text: &str| text.trim().parse::<f32>().ok().filter(|number| number.is_finite());
        Self::of_list(&text.split(',').map(number).collect::<Option<Vec<_>>>()?)
    }

    fn of_list(list: &[f32]) -> Option<Self> {
        let mut weights = [0.0; ALL];
        match list.len() {
            ALL => weights.copy_from_slice(list),
            17 => {
                for (place, weight) in WITH_ATTENTION.iter().zip(list) {
                    weights[*place] = *weight;
                }
            }
            _ => return None,
        }
        Some(Self(weights))
    }

    /// The weight of a layer of a part (`unet` or `text_encoder`, diffusers' names). What is in no block has that of
    /// BASE.
    pub fn of(&self, part: &str, layer: &str) -> f32 {
        let place = if part == "unet" { block(layer).unwrap_or(0) } else { 0 };
        self.0.get(place).copied().unwrap_or(1.0)
    }
}

/// The place of a layer's block in a list of 26 numbers.
fn block(layer: &str) -> Option<usize> {
    let mut names = layer.split('.');
    let kind = names.next()?;
    match kind {
        "conv_in" => return Some(1),
        "mid_block" => return Some(MIDDLE),
        "down_blocks" | "up_blocks" => {}
        _ => return None,
    }
    let level: usize = names.next()?.parse().ok().filter(|level| *level < 4)?;
    let what = names.next()?;
    let index: usize = names.next()?.parse().ok().filter(|index| *index < 3)?;
    // Each level has three blocks: on the way down two and the convolution that halves the size, on the way up three,
    // the last with the convolution that doubles it.
    let place = match (kind, what) {
        ("down_blocks", "downsamplers") => 1 + 3 * level + 3,
        ("down_blocks", _) => 1 + 3 * level + index + 1,
        (_, "upsamplers") => OUT + 3 * level + 2,
        _ => OUT + 3 * level + index,
    };
    (place < ALL).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_finds_its_block() {
        // The number of each block in a list of 26 is its weight here.
        let numbers: Vec<String> = (0..ALL).map(|place| place.to_string()).collect();
        let weights = BlockWeights::read(&numbers.join(",")).expect("a list");
        for (layer, name) in [
            ("conv_in", 1),
            ("down_blocks.0.resnets.0.conv1", 2),
            ("down_blocks.0.attentions.1.proj_in", 3),
            ("down_blocks.0.downsamplers.0.conv", 4),
            ("down_blocks.2.attentions.1.transformer_blocks.0.attn1.to_q", 9),
            ("down_blocks.3.resnets.1.conv2", 12),
            ("mid_block.attentions.0.proj_in", 13),
            ("up_blocks.0.resnets.0.conv1", 14),
            ("up_blocks.0.upsamplers.0.conv", 16),
            ("up_blocks.1.attentions.0.proj_in", 17),
            ("up_blocks.3.attentions.2.proj_out", 25),
            ("time_embedding.linear_1", 0),
            ("conv_out", 0),
            ("down_blocks.9.resnets.0.conv1", 0),
            ("up_blocks", 0),
        ] {
            assert_eq!(weights.of("unet", layer), name as f32, "{layer}");
        }
        assert_eq!(weights.of("text_encoder", "text_model.encoder.layers.0.mlp.fc1"), 0.0);
    }

    #[test]
    fn presets_and_lists_of_seventeen_are_read() {
        let weights = |text: &str| BlockWeights::read(text).map(|weights| weights.0.to_vec());
        let list = "1,0,0,0,1,1,1,1,1,1,1,1,0,0,0,0,0";
        assert_eq!(weights("MIDD"), weights(list));
        assert_eq!(weights("midd"), weights(list));
        assert_eq!(weights("OUTS"), weights("1,0,0,0,0,0,0,0,0,0,0,0,1,1,1,1,1"));
        let (halves, endless) = (["0.5"; 17].join(","), ["inf"; 17].join(","));
        assert_eq!(weights("ALL0.5"), weights(&halves));
        let half = BlockWeights::read(&format!("0.25{}", ",0.5".repeat(16))).expect("a list");
        assert_eq!(half.of("text_encoder", "x"), 0.25);
        assert_eq!(half.of("unet", "down_blocks.0.attentions.0.proj_in"), 0.5);
        assert_eq!(half.of("unet", "down_blocks.0.downsamplers.0.conv"), 0.0, "a list of 17 leaves it out");
        for text in ["", "MINE", "1,2,3", "1,x", "nan", &endless] {
            assert_eq!(weights(text), None, "{text}");
        }
    }
}
