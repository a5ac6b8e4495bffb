//! What does CTranslate2's `model.bin` hold? Named arrays of numbers.
//!
//! The layout is that of CTranslate2's own `python/ctranslate2/specs/model_spec.py`, version 5 and 6 of the format: a
//! version, the name and the revision of the specification, then the variables (name, rank, shape, type, bytes), then
//! names that stand for others. Integers are little-endian; texts have their length, with a closing zero, before them.

use std::collections::BTreeMap;

use half::f16;

/// Variables that a file may claim to have; the largest Whisper has about 1,500.
const MOST_VARIABLES: u32 = 10_000;

/// Dimensions of a variable.
const MOST_RANK: u8 = 4;

/// The bytes are not what CTranslate2 writes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadWeights {
    /// The file ends in the middle.
    #[error("model.bin ends too early")]
    Short,
    /// Something in it cannot be.
    #[error("model.bin: {0}")]
    Wrong(String),
    /// An array that a Whisper must have is not there.
    #[error("model.bin has no {0}")]
    Missing(String),
}

/// The arrays of a file, which still lie in its bytes.
pub struct Weights<'a> {
    variables: BTreeMap<&'a str, Array<'a>>,
}

/// An array of 16-bit floats.
#[derive(Debug, Clone)]
pub struct Array<'a> {
    /// The length of each dimension, the outermost first.
    pub shape: Vec<usize>,
    bytes: &'a [u8],
}

impl<'a> Array<'a> {
    /// Its numbers.
    pub fn values(&self) -> impl Iterator<Item = f16> + '_ {
        self.bytes.as_chunks::<2>().0.iter().map(|pair| f16::from_le_bytes(*pair))
    }

    /// Some of its outermost rows, as an array of their own.
    pub fn rows(&self, first: usize, count: usize) -> Result<Self, BadWeights> {
        let row: usize = self.shape.iter().skip(1).product::<usize>() * 2;
        let bytes = self.bytes.get(first * row..(first + count) * row).ok_or(BadWeights::Short)?;
        let shape = std::iter::once(count).chain(self.shape.iter().skip(1).copied()).collect();
        Ok(Self { shape, bytes })
    }
}

impl<'a> Weights<'a> {
    /// Reads a file.
    pub fn read(file: &'a [u8]) -> Result<Self, BadWeights> {
        let mut bytes = Bytes(file);
        let version = bytes.u32()?;
        if !(5..=6).contains(&version) {
            return Err(BadWeights::Wrong(format!("version {version} of the format is not known")));
        }
        let specification = bytes.text()?;
        if specification != "WhisperSpec" {
            return Err(BadWeights::Wrong(format!("it holds a {specification:?} and no Whisper")));
        }
        let _revision = bytes.u32()?;
        let count = bytes.u32()?;
        if count > MOST_VARIABLES {
            return Err(BadWeights::Wrong(format!("{count} variables are too many")));
        }
        let mut variables = BTreeMap::new();
        for _ in 0..count {
            let (name, array) = bytes.variable()?;
            if let Some(array) = array {
                variables.insert(name, array);
            }
        }
        Ok(Self { variables })
    }

    /// The array of a name.
    pub fn get(&self, name: &str) -> Result<&Array<'a>, BadWeights> {
        self.variables.get(name).ok_or_else(|| BadWeights::Missing(name.to_owned()))
    }

    /// How many layers one side (`encoder`, `decoder`) has.
    pub fn layers(&self, side: &str) -> usize {
        let prefix = format!("{side}/layer_");
        let number = |name: &&str| name.strip_prefix(&prefix)?.split('/').next()?.parse::<usize>().ok();
        self.variables.keys().filter_map(number).max().map_or(0, |last| last + 1)
    }
}

/// Bytes that are still to be read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], BadWeights> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(BadWeights::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number<const N: usize>(&mut self) -> Result<[u8; N], BadWeights> {
        self.take(N)?.try_into().map_err(|_| BadWeights::Short)
    }

    fn u32(&mut self) -> Result<u32, BadWeights> {
        Ok(u32::from_le_bytes(self.number()?))
    }

    fn text(&mut self) -> Result<&'a str, BadWeights> {
        let length = u16::from_le_bytes(self.number()?);
        let bytes = self.take(length.into())?;
        let text =
            std::str::from_utf8(bytes).map_err(|_| BadWeights::Wrong("a name is no text".to_owned()))?;
        Ok(text.trim_end_matches('\0'))
    }

    /// A variable; `None` beside the name where it is no array of 16-bit floats (flags and versions are numbers).
    fn variable(&mut self) -> Result<(&'a str, Option<Array<'a>>), BadWeights> {
        /// CTranslate2's number for a type.
        const FLOAT16: u8 = 4;
        let name = self.text()?;
        let [rank] = self.number()?;
        if rank > MOST_RANK {
            return Err(BadWeights::Wrong(format!("{name} has {rank} dimensions")));
        }
        let mut shape = Vec::with_capacity(rank.into());
        for _ in 0..rank {
            shape.push(self.u32()? as usize);
        }
        let [kind] = self.number()?;
        let length = self.u32()? as usize;
        let bytes = self.take(length)?;
        if kind != FLOAT16 {
            return Ok((name, None));
        }
        let wanted = shape.iter().try_fold(2_usize, |all, side| all.checked_mul(*side));
        if wanted != Some(length) {
            return Err(BadWeights::Wrong(format!("{name} has another length than its shape")));
        }
        Ok((name, Some(Array { shape, bytes })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(out: &mut Vec<u8>, text: &str) {
        out.extend(u16::try_from(text.len() + 1).unwrap().to_le_bytes());
        out.extend(text.as_bytes());
        out.push(0);
    }

    /// A file with one array of two rows.
    fn file() -> Vec<u8> {
        let mut out = 6_u32.to_le_bytes().to_vec();
        text(&mut out, "WhisperSpec");
        out.extend(3_u32.to_le_bytes());
        out.extend(2_u32.to_le_bytes());
        text(&mut out, "encoder/layer_3/x");
        out.push(2);
        out.extend([2_u32, 3].iter().flat_map(|n| n.to_le_bytes()));
        out.push(4);
        out.extend(12_u32.to_le_bytes());
        out.extend((0..6_u8).flat_map(|n| f16::from_f32(n.into()).to_le_bytes()));
        text(&mut out, "encoder/flag");
        out.extend([0, 1]);
        out.extend(1_u32.to_le_bytes());
        out.push(1);
        out
    }

    #[test]
    fn arrays_are_read_and_cut_into_rows() {
        let file = file();
        let weights = Weights::read(&file).unwrap();
        assert_eq!(weights.layers("encoder"), 4);
        let rows = weights.get("encoder/layer_3/x").unwrap().rows(1, 1).unwrap();
        assert_eq!(rows.shape, [1, 3]);
        assert_eq!(rows.values().map(f16::to_f32).collect::<Vec<_>>(), [3.0, 4.0, 5.0]);
        assert!(weights.get("encoder/flag").is_err());
    }

    #[test]
    fn no_beginning_and_no_flipped_byte_of_a_file_makes_anything_panic() {
        let file = file();
        for end in 0..file.len() {
            assert!(Weights::read(&file[..end]).is_err(), "{end}");
        }
        for at in 0..file.len() {
            let mut broken = file.clone();
            broken[at] ^= 0xff;
            let _ = Weights::read(&broken).map(|weights| weights.layers("encoder"));
        }
    }
}
