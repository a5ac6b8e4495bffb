//! How does whisper.cpp keep a model? Its header, filters, tokens, and arrays, in the order in which it reads them.
//!
//! The layout is that of whisper.cpp's `models/convert-pt-to-ggml.py`. Matrices are kept in eight bits (`q8_0` of ggml:
//! blocks of 32 with one scale), convolutions in 16, vectors in 32.

use std::io::{self, Write};

use half::f16;

use super::ct2::{Array, BadWeights, Weights};
use super::mel;

/// `ggml`, and the number of the form of the matrices: `GGML_FTYPE_MOSTLY_Q8_0`, with version 2 of the blocks.
const MAGIC: u32 = 0x6767_6d6c;
const FILE_Q8_0: i32 = 2_007;
/// Numbers of the types of arrays.
const F32: i32 = 0;
const F16: i32 = 1;
const Q8_0: i32 = 8;
/// Numbers that share a scale.
const BLOCK: usize = 32;
/// Numbers of an attention head, in every Whisper.
const HEAD: usize = 64;
/// Tokens that are text: of models for English, and of those for many languages, which are told apart by the whole
/// number of theirs.
const TEXT_ENGLISH: usize = 50_256;
const TEXT_MANY: usize = 50_257;
const VOCABULARY_MANY: usize = 51_865;

/// A model could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The weights are not those of a Whisper.
    #[error(transparent)]
    Weights(#[from] BadWeights),
    /// The file takes no more.
    #[error("writing the model")]
    Io(#[from] io::Error),
}

/// How many tokens of a model are text.
pub fn text_tokens(weights: &Weights<'_>) -> Result<usize, BadWeights> {
    let (vocabulary, _) = matrix(weights, "decoder/embeddings/weight")?;
    Ok(if vocabulary >= VOCABULARY_MANY { TEXT_MANY } else { TEXT_ENGLISH })
}

/// Writes a model with the tokens of its text.
pub fn write(weights: &Weights<'_>, tokens: &[Vec<u8>], out: impl Write) -> Result<(), WriteError> {
    let mut writer = Writer { weights, out };
    writer.header()?;
    writer.tokens(tokens)?;
    writer.vectors("encoder.positional_embedding", weights.get("encoder/position_encodings/encodings")?)?;
    writer.vectors("decoder.positional_embedding", weights.get("decoder/position_encodings/encodings")?)?;
    writer.copy("decoder.token_embedding.weight", "decoder/embeddings/weight")?;
    for conv in ["conv1", "conv2"] {
        writer.copy(&format!("encoder.{conv}.weight"), &format!("encoder/{conv}/weight"))?;
        let mut bias = weights.get(&format!("encoder/{conv}/bias"))?.clone();
        bias.shape.push(1);
        writer.vectors(&format!("encoder.{conv}.bias"), &bias)?;
    }
    writer.norm("encoder.ln_post", "encoder/layer_norm")?;
    writer.norm("decoder.ln", "decoder/layer_norm")?;
    for side in ["encoder", "decoder"] {
        for layer in 0..weights.layers(side) {
            writer.layer(
                &format!("{side}.blocks.{layer}"),
                &format!("{side}/layer_{layer}"),
                side == "decoder",
            )?;
        }
    }
    writer.out.flush()?;
    Ok(())
}

fn matrix(weights: &Weights<'_>, name: &str) -> Result<(usize, usize), BadWeights> {
    match weights.get(name)?.shape.as_slice() {
        [rows, columns] => Ok((*rows, *columns)),
        shape => Err(BadWeights::Wrong(format!("{name} has {} dimensions", shape.len()))),
    }
}

struct Writer<'a, W> {
    weights: &'a Weights<'a>,
    out: W,
}

impl<W: Write> Writer<'_, W> {
    fn number(&mut self, number: usize) -> Result<(), WriteError> {
        let number =
            i32::try_from(number).map_err(|_| BadWeights::Wrong("a length is too large".to_owned()))?;
        Ok(self.out.write_all(&number.to_le_bytes())?)
    }

    fn header(&mut self) -> Result<(), WriteError> {
        let (vocabulary, width) = matrix(self.weights, "decoder/embeddings/weight")?;
        let (audio, _) = matrix(self.weights, "encoder/position_encodings/encodings")?;
        let (text, _) = matrix(self.weights, "decoder/position_encodings/encodings")?;
        let bands = self.weights.get("encoder/conv1/weight")?.shape.get(1).copied().unwrap_or_default();
        let (heads, encoder, decoder) =
            (width / HEAD, self.weights.layers("encoder"), self.weights.layers("decoder"));
        self.out.write_all(&MAGIC.to_le_bytes())?;
        for number in [vocabulary, audio, width, heads, encoder, text, width, heads, decoder, bands] {
            self.number(number)?;
        }
        self.out.write_all(&FILE_Q8_0.to_le_bytes())?;
        self.number(bands)?;
        self.number(mel::BINS)?;
        for weight in mel::filters(bands) {
            self.out.write_all(&weight.to_le_bytes())?;
        }
        Ok(())
    }

    fn tokens(&mut self, tokens: &[Vec<u8>]) -> Result<(), WriteError> {
        self.number(tokens.len())?;
        for token in tokens {
            self.number(token.len())?;
            self.out.write_all(token)?;
        }
        Ok(())
    }

    /// A layer; the decoder's looks at the encoder's as well.
    fn layer(&mut self, to: &str, from: &str, crosses: bool) -> Result<(), WriteError> {
        self.split(
            &[("attn.query", true), ("attn.key", false), ("attn.value", true)],
            to,
            &format!("{from}/self_attention/linear_0"),
        )?;
        self.linear(&format!("{to}.attn.out"), &format!("{from}/self_attention/linear_1"))?;
        self.norm(&format!("{to}.attn_ln"), &format!("{from}/self_attention/layer_norm"))?;
        if crosses {
            let from = format!("{from}/attention");
            self.linear(&format!("{to}.cross_attn.query"), &format!("{from}/linear_0"))?;
            let parts = [("cross_attn.key", false), ("cross_attn.value", true)];
            self.split(&parts, to, &format!("{from}/linear_1"))?;
            self.linear(&format!("{to}.cross_attn.out"), &format!("{from}/linear_2"))?;
            self.norm(&format!("{to}.cross_attn_ln"), &format!("{from}/layer_norm"))?;
        }
        self.linear(&format!("{to}.mlp.0"), &format!("{from}/ffn/linear_0"))?;
        self.linear(&format!("{to}.mlp.2"), &format!("{from}/ffn/linear_1"))?;
        self.norm(&format!("{to}.mlp_ln"), &format!("{from}/ffn/layer_norm"))
    }

    /// CTranslate2 keeps the matrices of an attention in one. Keys have no bias, and zeros stand there for it.
    fn split(&mut self, parts: &[(&str, bool)], to: &str, from: &str) -> Result<(), WriteError> {
        let (weight, bias) =
            (self.weights.get(&format!("{from}/weight"))?, self.weights.get(&format!("{from}/bias"))?);
        let rows = weight.shape.first().copied().unwrap_or_default() / parts.len().max(1);
        for (index, (name, has_bias)) in parts.iter().enumerate() {
            self.array(&format!("{to}.{name}.weight"), &weight.rows(index * rows, rows)?)?;
            let bias = bias.rows(index * rows, rows)?;
            if *has_bias {
                self.vectors(&format!("{to}.{name}.bias"), &bias)?;
            } else if bias.values().any(|value| value != f16::ZERO) {
                return Err(BadWeights::Wrong(format!("{from}: its keys have a bias")).into());
            }
        }
        Ok(())
    }

    fn linear(&mut self, to: &str, from: &str) -> Result<(), WriteError> {
        self.copy(&format!("{to}.weight"), &format!("{from}/weight"))?;
        self.vectors(&format!("{to}.bias"), self.weights.get(&format!("{from}/bias"))?)
    }

    fn norm(&mut self, to: &str, from: &str) -> Result<(), WriteError> {
        self.vectors(&format!("{to}.weight"), self.weights.get(&format!("{from}/gamma"))?)?;
        self.vectors(&format!("{to}.bias"), self.weights.get(&format!("{from}/beta"))?)
    }

    fn copy(&mut self, to: &str, from: &str) -> Result<(), WriteError> {
        self.array(to, self.weights.get(from)?)
    }

    /// An array of 32-bit floats.
    fn vectors(&mut self, name: &str, array: &Array<'_>) -> Result<(), WriteError> {
        self.head(name, array, F32)?;
        for value in array.values() {
            self.out.write_all(&value.to_f32().to_le_bytes())?;
        }
        Ok(())
    }

    /// A matrix in eight bits, anything of more dimensions in 16.
    fn array(&mut self, name: &str, array: &Array<'_>) -> Result<(), WriteError> {
        if array.shape.len() != 2 {
            self.head(name, array, F16)?;
            for value in array.values() {
                self.out.write_all(&value.to_le_bytes())?;
            }
            return Ok(());
        }
        if array.shape.last().is_none_or(|columns| !columns.is_multiple_of(BLOCK)) {
            return Err(BadWeights::Wrong(format!("a row of {name} is no whole number of blocks")).into());
        }
        self.head(name, array, Q8_0)?;
        let mut values = array.values().map(f16::to_f32);
        loop {
            let block: Vec<f32> = values.by_ref().take(BLOCK).collect();
            if block.is_empty() {
                return Ok(());
            }
            self.block(&block)?;
        }
    }

    fn block(&mut self, block: &[f32]) -> Result<(), WriteError> {
        let scale = block.iter().fold(0.0_f32, |most, value| most.max(value.abs())) / 127.0;
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        self.out.write_all(&f16::from_f32(scale).to_le_bytes())?;
        #[expect(clippy::cast_possible_truncation, reason = "the largest becomes 127")]
        let quants: Vec<u8> = block
            .iter()
            .map(|value| (value * inverse).round_ties_even() as i8)
            .map(i8::cast_unsigned)
            .collect();
        Ok(self.out.write_all(&quants)?)
    }

    fn head(&mut self, name: &str, array: &Array<'_>, form: i32) -> Result<(), WriteError> {
        self.number(array.shape.len())?;
        self.number(name.len())?;
        self.out.write_all(&form.to_le_bytes())?;
        // ggml names the innermost dimension first.
        for side in array.shape.iter().rev() {
            self.number(*side)?;
        }
        Ok(self.out.write_all(name.as_bytes())?)
    }
}
