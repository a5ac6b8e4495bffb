//! Which documents are spoilt? Those of the folders that are named, and a few that are made here, each by its format.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use esteira_document::fuzzing::detect;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::dice::Dice;
use super::package;
use super::spoil::spoil;

/// Bytes of a document that is spoilt: what is longer takes longer, and shows no more.
const LARGEST: u64 = 256 << 10;

/// A document that is to be spoilt.
#[derive(Debug)]
pub struct Seed {
    name: String,
    bytes: Vec<u8>,
}

/// Documents by the name of their format.
pub type Seeds = BTreeMap<String, Vec<Seed>>;

/// Gathers all documents.
pub fn gather(folders: &[PathBuf]) -> Result<Seeds> {
    let mut seeds = Seeds::new();
    for folder in folders {
        let files = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
        let mut files: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
        files.sort();
        for path in files {
            if fs::metadata(&path).is_ok_and(|about| about.is_file() && about.len() <= LARGEST) {
                add(&mut seeds, name(&path), fs::read(&path)?)?;
            }
        }
    }
    for (name, text) in TEXTS {
        add(&mut seeds, name.to_owned(), text.as_bytes().to_vec())?;
    }
    for (name, format) in PICTURES {
        add(&mut seeds, name.to_owned(), picture(format)?)?;
    }
    Ok(seeds)
}

/// The `index`th spoilt document of a format, and what it is called.
pub fn spoilt(seeds: &[Seed], format: &str, index: u64) -> Option<(Vec<u8>, String)> {
    let mut dice = Dice::of(format, index);
    let seed = dice.pick(seeds)?;
    // Of five, one is spoilt as it lies there, whatever it is.
    let inside = if dice.once_in(5) { None } else { package::spoilt(&seed.bytes, &mut dice) };
    let bytes = inside.unwrap_or_else(|| {
        let others: Vec<&[u8]> = seeds.iter().map(|seed| seed.bytes.as_slice()).collect();
        let mut bytes = seed.bytes.clone();
        spoil(&mut bytes, &others, &mut dice);
        bytes
    });
    Some((bytes, seed.name.clone()))
}

fn add(seeds: &mut Seeds, name: String, bytes: Vec<u8>) -> Result<()> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(&bytes)?;
    // What is refused at the door is spoilt already.
    if let Ok(format) = detect(file.path(), Some(&name)) {
        seeds.entry(format!("{format:?}").to_lowercase()).or_default().push(Seed { name, bytes });
    }
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

const PICTURES: [(&str, ImageFormat); 6] = [
    ("made.png", ImageFormat::Png),
    ("made.jpg", ImageFormat::Jpeg),
    ("made.tif", ImageFormat::Tiff),
    ("made.webp", ImageFormat::WebP),
    ("made.bmp", ImageFormat::Bmp),
    ("made.gif", ImageFormat::Gif),
];

/// A picture with a few bars.
fn picture(format: ImageFormat) -> Result<Vec<u8>> {
    let shade = |x: u32, y: u32| if (x / 7 + y / 5) % 3 == 0 { 20 } else { 240 };
    let picture = RgbImage::from_fn(96, 64, |x, y| Rgb([shade(x, y), shade(y, x), 240]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, format)?;
    Ok(bytes.into_inner())
}

const TEXTS: [(&str, &str); 5] = [
    (
        "made.md",
        "# T\u{ed}tulo\n\nUm **texto** com [liga\u{e7}\u{e3}o](https://example.org/a_b \"t\") e `c\u{f3}digo`.\n\n\
         1. um\n   - dois\n     > tr\u{ea}s\n2. quatro\n\n| a | b |\n|:--|--:|\n| 1 | 2 |\n| x \\| y | |\n\n\
         ```rust\nfn main() {}\n```\n\n<table><tr><td colspan=\"2\">c</td></tr></table>\n\n[^1]: nota\n\n---\n\nfim[^1]\n",
    ),
    (
        "made.xml",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!DOCTYPE nota [<!ENTITY e \"valor\">]>\
         <nota xmlns:x=\"urn:x\" n=\"1\"><item x:id=\"2\">a&e;&#233;&#x10FFFF;</item><![CDATA[ b < c ]]>\
         <linhas><linha>1</linha><linha>2</linha></linhas><!-- c --><?p i?></nota>",
    ),
    (
        "made.txt",
        "RELAT\u{d3}RIO ANUAL\n\n  1. Introdu\u{e7}\u{e3}o ........ 3\n  2. Contas ............ 10\n\n\
         Um par\u{e1}grafo que come\u{e7}a aqui e conti-\nnua na linha seguinte.\n\n\tcol1\tcol2\n\t1,50\t2,75\n\n* item\n* item\n\u{c}\nfim\n",
    ),
    (
        "made.csv",
        "Nome;Pre\u{e7}o;Data;Nota\r\n\"Caf\u{e9}; forte\";1.234,50;2024-01-31;\"com \"\"aspas\"\"\"\r\n\
         P\u{e3}o;0,80;31/12/2023;\"duas\r\nlinhas\"\r\nLeite;-3,20;;\r\n",
    ),
    ("made.tsv", "name\tprice\tdate\na\t1.50\t2024-01-31\nb\t-2.75\t2024-02-29\nc\t1e10\t\n"),
];
