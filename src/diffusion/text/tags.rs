//! Tags in prompts, `<lora:name:0.8>`, which ask for files beside the model.
//!
//! The rules are AUTOMATIC1111's: any `<word:…>` is a tag and no part of the text, and only those of the
//! prompt have an effect, not those of the negative prompt.

use crate::diffusion::files::lora::{BlockWeights, LoraSteps, Wanted};
use crate::engine::Error;

/// A prompt without its tags, and what they ask for.
#[derive(Debug, Default, PartialEq)]
pub(in crate::diffusion) struct Tags {
    pub text: String,
    pub loras: Vec<Wanted>,
    /// In which steps each of them counts.
    pub lora_steps: Vec<LoraSteps>,
    /// Tags that have no effect, one sentence each.
    pub notices: Vec<String>,
}

/// Takes the tags out of a prompt.
///
/// # Errors
/// A LoRA tag without a name, or with a weight that is not a number.
pub(in crate::diffusion) fn take_tags(prompt: &str) -> Result<Tags, Error> {
    let mut tags = Tags::default();
    let text = walk::<Error>(prompt, |kind, content| match kind {
        // LyCORIS files were asked for by a tag of their own once.
        "lora" | "lyco" => {
            let (wanted, steps) = lora(kind, content, &mut tags.notices)?;
            tags.loras.push(wanted);
            tags.lora_steps.push(steps);
            Ok(())
        }
        "hypernet" => {
            tags.notices.push(format!("<hypernet:{content}> was left out: hypernetworks are not supported."));
            Ok(())
        }
        _ => {
            tags.notices.push(format!("<{kind}:{content}> was left out: tags of this kind are not known."));
            Ok(())
        }
    })?;
    text.trim().clone_into(&mut tags.text);
    Ok(tags)
}

/// A prompt without its tags, whatever they say.
pub(in crate::diffusion) fn without_tags(prompt: &str) -> String {
    walk(prompt, |_, _| Ok::<(), std::convert::Infallible>(()))
        .map_or_else(|never| match never {}, |text| text.trim().into())
}

/// Tags in a negative prompt, which are read as plain words; one sentence, or none.
pub(in crate::diffusion) fn notice_in_negative(negative: &str) -> Option<String> {
    let mut first = None;
    let note = |kind: &str, content: &str| {
        first.get_or_insert_with(|| format!("<{kind}:{content}>"));
        Ok::<(), std::convert::Infallible>(())
    };
    let _ = walk(negative, note);
    first.map(|tag| format!("{tag} in the negative prompt is read as plain words; tags only work in the prompt."))
}

/// Calls `on_tag` with the kind and the content of each tag; gives the text between them.
fn walk<E>(prompt: &str, mut on_tag: impl FnMut(&str, &str) -> Result<(), E>) -> Result<String, E> {
    let (mut text, mut rest) = (String::new(), prompt);
    // No tag begins behind the last '>'; to look for its end from each '<' would take a long time.
    let last = prompt.rfind('>').unwrap_or(0);
    while let Some(at) = rest.find('<').filter(|at| prompt.len() - rest.len() + at < last) {
        let after = &rest[at + 1..];
        let word = after.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(after.len());
        let content = after[word..].strip_prefix(':').filter(|_| word > 0);
        match content.and_then(|content| content.split_once('>')) {
            Some((content, later)) if !content.is_empty() => {
                on_tag(&after[..word], content)?;
                text.push_str(&rest[..at]);
                rest = later;
            }
            _ => {
                text.push_str(&rest[..=at]);
                rest = after;
            }
        }
    }
    text.push_str(rest);
    Ok(text)
}

/// `name`, then the weights of text encoder and UNet and the rank, in order or as `te=`, `unet=`, `dyn=`; weights for blocks
/// and steps as `lbw=`, `start=`, `stop=`, `step=`.
fn lora(kind: &str, content: &str, notices: &mut Vec<String>) -> Result<(Wanted, LoraSteps), Error> {
    let wrong = |text: &str| {
        Err(Error::Setting(format!("<{kind}:{content}> in the prompt {text}; write it as <lora:NAME:0.8>.")))
    };
    let (mut plain, mut named) = (Vec::new(), Vec::new());
    for field in content.split(':').map(str::trim) {
        match field.split_once('=') {
            Some((key, value)) if !plain.is_empty() => named.push((key.trim(), value.trim())),
            _ => plain.push(field),
        }
    }
    let name = plain.first().copied().unwrap_or_default();
    if name.is_empty() {
        return wrong("names no file");
    }
    let number = |text: &str| text.parse::<f32>().ok().filter(|number| number.is_finite());
    let (mut text_weight, mut unet_weight, mut rank, mut blocks) = (None, None, None, None);
    let mut steps = LoraSteps::default();
    for (index, field) in plain.iter().skip(1).enumerate() {
        // The older form of weights for blocks.
        if number(field).is_none()
            && let Some(read) = BlockWeights::read(field)
        {
            blocks = Some(read);
            continue;
        }
        let read = match index {
            0 => number(field).map(|weight| text_weight = Some(weight)),
            1 => number(field).map(|weight| unet_weight = Some(weight)),
            2 => field.parse::<usize>().ok().map(|ranks| rank = Some(ranks)),
            _ => return wrong("has too many fields"),
        };
        if read.is_none() {
            return wrong(&format!("has {field:?} where a number belongs"));
        }
    }
    for (key, value) in named {
        let read = match key {
            "te" => number(value).map(|weight| text_weight = Some(weight)),
            "unet" => number(value).map(|weight| unet_weight = Some(weight)),
            "dyn" => value.parse::<usize>().ok().map(|ranks| rank = Some(ranks)),
            "lbw" => {
                blocks = BlockWeights::read(value);
                if blocks.is_none() {
                    notices.push(format!(
                        "lbw= in <{kind}:{content}> was left out: it is neither 17 nor 26 numbers nor one of the presets NONE, ALL, INS, IND, INALL, MIDD, OUTD, OUTS, OUTALL and ALL0.5."
                    ));
                }
                Some(())
            }
            "start" => LoraSteps::read_number(value).map(|start| steps.start = Some(start)),
            "stop" => LoraSteps::read_number(value).map(|stop| steps.stop = Some(stop)),
            "step" => match LoraSteps::read_range(value) {
                Some(range) => {
                    steps = range;
                    Some(())
                }
                None => return wrong(&format!("has {value:?} where two steps such as 5-10 belong")),
            },
            _ => {
                notices.push(format!("{key}= in <{kind}:{content}> is not supported and was left out."));
                Some(())
            }
        };
        if read.is_none() {
            return wrong(&format!("has {value:?} where a number belongs"));
        }
    }
    let text_weight = text_weight.unwrap_or(1.0);
    let unet_weight = unet_weight.unwrap_or(text_weight);
    Ok((Wanted { name: name.to_owned(), text_weight, unet_weight, rank, blocks }, steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A LoRA's name, the weights of text encoder and UNet, and the rank.
    type Found = (String, f32, f32, Option<usize>);

    fn read(prompt: &str) -> (String, Vec<Found>) {
        let tags = take_tags(prompt).expect("reads");
        let loras = tags.loras.into_iter().map(|l| (l.name, l.text_weight, l.unet_weight, l.rank)).collect();
        (tags.text, loras)
    }

    #[test]
    fn tags_are_taken_out_of_the_prompt_with_every_form_of_weight() {
        let lora = |name: &str, text, unet, rank| (name.to_owned(), text, unet, rank);
        let (text, loras) = read("<lora:paper cut:0.8> an apple <lora:ink>, red <lora:x:-0.5:1>");
        assert_eq!(text, "an apple , red");
        assert_eq!(loras, [lora("paper cut", 0.8, 0.8, None), lora("ink", 1.0, 1.0, None), lora("x", -0.5, 1.0, None)]);
        // The forms of AUTOMATIC1111: one weight for both, two, and names for each.
        for (tag, te, unet, rank) in [
            ("<lora:a:0.5>", 0.5, 0.5, None),
            ("<lora:a:0.5:0.25>", 0.5, 0.25, None),
            ("<lora:a:0.5:0.25:8>", 0.5, 0.25, Some(8)),
            ("<lora:a:te=0.5>", 0.5, 0.5, None),
            ("<lora:a:unet=0.25>", 1.0, 0.25, None),
            ("<lora:a:0.5:unet=0.25:dyn=4>", 0.5, 0.25, Some(4)),
            ("<lora:a: .5 : te=1 >", 1.0, 1.0, None),
            ("<lyco:a:0.5>", 0.5, 0.5, None),
        ] {
            assert_eq!(read(tag), (String::new(), vec![lora("a", te, unet, rank)]), "{tag}");
        }
        // What is no tag stays text.
        for text in ["a <lora:b", "a < b > c", "<3", "<>", "<lora:>", "<:x>", "a<b:", "é <苹"] {
            assert_eq!(read(text), (text.to_owned(), vec![]), "{text}");
        }
    }

    #[test]
    fn weights_for_blocks_are_read_in_both_forms() {
        let list = "1,0,0,0,1,1,1,1,1,1,1,1,0,0,0,0,0";
        for tag in [
            "<lora:a:0.5:lbw=MIDD>",
            "<lora:a:0.5:MIDD>",
            &format!("<lora:a:0.5:lbw={list}>"),
            &format!("<lora:a:0.5:{list}>"),
        ] {
            let tags = take_tags(tag).expect("reads");
            assert_eq!(tags.loras[0].blocks, BlockWeights::read("MIDD"), "{tag}");
            assert_eq!((tags.loras[0].unet_weight, tags.notices.len()), (0.5, 0), "{tag}");
        }
        let tags = take_tags("<lora:a:1:lbw=1,2:x=10>").expect("reads");
        assert_eq!((tags.loras[0].blocks.is_none(), tags.notices.len()), (true, 2));
    }

    #[test]
    fn steps_are_read_in_both_forms_and_a_number_that_is_none_is_refused() {
        let of = |start, stop| LoraSteps { start, stop };
        let tags =
            take_tags("<lora:a:1> <lora:b:1:lbw=MIDD:stop=10> <lora:c:start=0.5> <lora:d:1:step=3-8>").expect("reads");
        let steps = [of(None, None), of(None, Some(10.0)), of(Some(0.5), None), of(Some(3.0), Some(8.0))];
        assert_eq!((tags.lora_steps, tags.notices), (steps.to_vec(), vec![]));
        for tag in ["<lora:a:1:stop=late>", "<lora:a:1:start=-1>", "<lora:a:1:step=5>", "<lora:a:1:step=a-b>"] {
            let text = take_tags(tag).expect_err(tag).to_string();
            assert!(text.contains(tag), "{text}");
        }
    }

    #[test]
    fn a_lora_tag_that_cannot_be_read_is_refused_with_the_tag_and_the_right_form() {
        for tag in
            ["<lora:b:much>", "<lora::1>", "<lora:b:inf>", "<lora:b:1:1:1.5>", "<lora:b:te=x>", "<lora:b:1:1:1:1>"]
        {
            let text = take_tags(&format!("a {tag} c")).expect_err(tag).to_string();
            assert!(text.contains(tag) && text.contains("<lora:NAME:0.8>"), "{text}");
        }
    }

    #[test]
    fn tags_without_effect_are_left_out_of_the_text_and_said() {
        let tags = take_tags("a <hypernet:b:1> c <wildcard:d> <lora:e:1:lbw=MINE>").expect("reads");
        assert_eq!((tags.text.as_str(), tags.loras.len()), ("a  c", 1));
        for (notice, word) in tags.notices.iter().zip(["<hypernet:b:1>", "<wildcard:d>", "lbw="]) {
            assert!(notice.contains(word), "{notice}");
        }
        assert_eq!(tags.notices.len(), 3);
        assert_eq!(without_tags("a <hypernet:b:1> c <lora:e:much>"), "a  c");
        assert!(notice_in_negative("blurry <lora:x:1>").is_some_and(|text| text.contains("<lora:x:1>")));
        assert_eq!(notice_in_negative("blurry, a < b"), None);
    }
}
