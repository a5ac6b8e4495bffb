//! What is a sign called in LaTeX, and how does it stand in a formula?
//!
//! The names are those of LaTeX 2ε and amsmath (S. Pakin, *The Comprehensive LaTeX Symbol List*); a sign without one stands for
//! itself.

use unicode_normalization::UnicodeNormalization;

/// What LaTeX has a command for, that an upright name is (amsmath, "operator names").
const FUNCTIONS: [&str; 33] = [
    "arccos", "arcsin", "arctan", "arg", "cos", "cosh", "cot", "coth", "csc", "deg", "det", "dim", "exp",
    "gcd", "hom", "inf", "injlim", "ker", "lg", "lim", "liminf", "limsup", "ln", "log", "max", "min",
    "projlim", "sec", "sin", "sinh", "sup", "tan", "tanh",
];

/// Whether LaTeX has a command of that name for a function.
pub fn is_function(name: &str) -> bool {
    FUNCTIONS.binary_search(&name).is_ok() || name == "Pr"
}

/// Signs that nobody sees: function application, invisible times, separator and plus.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{2061}'..='\u{2064}' | '\u{200b}' | '\u{feff}')
}

/// Whether an operator stands between two things, with a space on each side.
pub fn stands_between(operator: &str) -> bool {
    let mut letters = operator.chars();
    let (first, second) = (letters.next(), letters.next());
    match (first, second) {
        (Some(c), None) => {
            matches!(
                c,
                '+' | '-' | '=' | '<' | '>' | '±' | '×' | '÷' | '·' | '∈'..='∍' | '−' | '∓' | '∗' | '∘'
            ) || matches!(c, '∝' | '∧' | '∨' | '∩' | '∪' | '∼'..='⋁' | '⋄'..='⋆' | '⋈'..='⋿')
                || matches!(c, '←'..='⇿' | '⟵'..='⟿' | '∣' | '∤' | '∥' | '∦' | '∴' | '∵' | '∶' | '∷' | '≔' | '∖')
                || matches!(c, '⩽' | '⩾' | '⪯' | '⪰' | '⫅' | '⫆')
        }
        (Some('=' | '<' | '>' | ':' | '!' | '+' | '-'), Some('=' | '<' | '>')) => letters.next().is_none(),
        _ => false,
    }
}

/// Whether a sign opens brackets.
pub fn opens(sign: &str) -> bool {
    matches!(sign, "(" | "[" | "{" | "|" | "‖" | "⟨" | "⌊" | "⌈")
}

/// Whether a sign closes brackets.
pub fn closes(sign: &str) -> bool {
    matches!(sign, ")" | "]" | "}" | "|" | "‖" | "⟩" | "⌋" | "⌉")
}

/// Signs of sums and the like, which have their limits below and above.
pub fn is_large(c: char) -> bool {
    matches!(c, '∏' | '∐' | '∑' | '⋀'..='⋃' | '⨀'..='⨆') || matches!(c, '∫'..='∳')
}

/// How LaTeX writes a bracket that grows.
pub fn delimiter(c: char) -> Option<&'static str> {
    Some(match c {
        '(' => "(",
        ')' => ")",
        '[' => "[",
        ']' => "]",
        '/' => "/",
        '|' | '∣' | '❘' => "|",
        '{' => "\\lbrace",
        '}' => "\\rbrace",
        '‖' | '∥' => "\\Vert",
        '⟨' | '〈' | '<' => "\\langle",
        '⟩' | '〉' | '>' => "\\rangle",
        '⌊' => "\\lfloor",
        '⌋' => "\\rfloor",
        '⌈' => "\\lceil",
        '⌉' => "\\rceil",
        '\\' => "\\backslash",
        '↑' => "\\uparrow",
        '↓' => "\\downarrow",
        _ => return None,
    })
}

/// The command of an accent over a letter, and the character that combines with the letter.
pub fn accent(c: char) -> Option<(&'static str, char)> {
    Some(match c {
        '^' | 'ˆ' | '\u{302}' => ("\\hat", '\u{302}'),
        '~' | '˜' | '∼' | '\u{303}' => ("\\tilde", '\u{303}'),
        '¯' | 'ˉ' | '‾' | '\u{304}' | '\u{305}' => ("\\overline", '\u{304}'),
        '˙' | '.' | '\u{307}' => ("\\dot", '\u{307}'),
        '¨' | '\u{308}' => ("\\ddot", '\u{308}'),
        '´' | '\u{301}' => ("\\acute", '\u{301}'),
        '˘' | '\u{306}' => ("\\breve", '\u{306}'),
        'ˇ' | '\u{30c}' => ("\\check", '\u{30c}'),
        '→' | '⃗' | '⇀' => ("\\vec", '\u{20d7}'),
        _ => return None,
    })
}

/// The command for what stands right above something.
pub fn above(c: char) -> Option<&'static str> {
    match c {
        '⏞' => Some("\\overbrace"),
        '_' | '―' => Some("\\overline"),
        '←' | '\u{20d6}' => Some("\\overleftarrow"),
        c => accent(c).map(|(command, _)| command),
    }
}

/// The command for what stands right below something.
pub fn below(c: char) -> Option<&'static str> {
    match c {
        '⏟' => Some("\\underbrace"),
        '_' | '¯' | '‾' | '―' | '\u{332}' => Some("\\underline"),
        _ => None,
    }
}

/// A letter of one of the mathematical alphabets: the command of its font, none if it is the usual slanted one, and the plain letter.
pub fn styled(c: char) -> Option<(&'static str, char)> {
    const LETTERS: [&str; 13] = [
        "\\mathbf",
        "",
        "\\boldsymbol",
        "\\mathcal",
        "\\mathcal",
        "\\mathfrak",
        "\\mathbb",
        "\\mathfrak",
        "\\mathsf",
        "\\mathsf",
        "\\mathsf",
        "\\mathsf",
        "\\mathtt",
    ];
    const GREEK: [&str; 5] = ["\\boldsymbol", "", "\\boldsymbol", "\\boldsymbol", "\\boldsymbol"];
    const DIGITS: [&str; 5] = ["\\mathbf", "\\mathbb", "\\mathsf", "\\mathsf", "\\mathtt"];
    let block = |first: u32, size: u32| ((u32::from(c) - first) / size) as usize;
    let style = match c {
        // The alphabets follow each other (Unicode, Mathematical Alphanumeric Symbols).
        '\u{1d400}'..='\u{1d6a3}' => LETTERS.get(block(0x1d400, 52)).copied()?,
        '\u{1d6a8}'..='\u{1d7cb}' => GREEK.get(block(0x1d6a8, 58)).copied()?,
        '\u{1d7ce}'..='\u{1d7ff}' => DIGITS.get(block(0x1d7ce, 10)).copied()?,
        // Those that were there before them (Letterlike Symbols).
        'ℎ' | 'ⅅ'..='ⅉ' => "",
        'ℬ' | 'ℰ' | 'ℱ' | 'ℋ' | 'ℐ' | 'ℒ' | 'ℳ' | 'ℛ' | 'ℯ' | 'ℊ' | 'ℴ' => "\\mathcal",
        'ℭ' | 'ℌ' | 'ℨ' => "\\mathfrak",
        'ℂ' | 'ℍ' | 'ℕ' | 'ℙ' | 'ℚ' | 'ℝ' | 'ℤ' => "\\mathbb",
        _ => return None,
    };
    std::iter::once(c).nfkc().next().filter(|plain| *plain != c).map(|plain| (style, plain))
}

/// The command for a sign; what LaTeX keeps for itself has one too.
pub fn command(c: char) -> Option<&'static str> {
    ascii(c).or_else(|| greek(c)).or_else(|| relation(c)).or_else(|| arrow(c)).or_else(|| sign(c))
}

fn ascii(c: char) -> Option<&'static str> {
    Some(match c {
        '{' => "\\lbrace",
        '}' => "\\rbrace",
        '\\' => "\\backslash",
        '#' => "\\#",
        '$' => "\\$",
        '%' => "\\%",
        '&' => "\\&",
        '_' => "\\_",
        '^' => "\\wedge",
        '~' => "\\sim",
        '`' => "‘",
        _ => return None,
    })
}

fn greek(c: char) -> Option<&'static str> {
    Some(match c {
        'Γ' => "\\Gamma",
        'Δ' | '∆' => "\\Delta",
        'Θ' => "\\Theta",
        'Λ' => "\\Lambda",
        'Ξ' => "\\Xi",
        'Π' => "\\Pi",
        'Σ' => "\\Sigma",
        'Υ' => "\\Upsilon",
        'Φ' => "\\Phi",
        'Ψ' => "\\Psi",
        'Ω' | '\u{2126}' => "\\Omega",
        'α' => "\\alpha",
        'β' => "\\beta",
        'γ' => "\\gamma",
        'δ' => "\\delta",
        'ε' => "\\varepsilon",
        'ϵ' => "\\epsilon",
        'ζ' => "\\zeta",
        'η' => "\\eta",
        'θ' => "\\theta",
        'ϑ' => "\\vartheta",
        'ι' => "\\iota",
        'κ' => "\\kappa",
        'λ' => "\\lambda",
        'μ' | 'µ' => "\\mu",
        'ν' => "\\nu",
        'ξ' => "\\xi",
        'π' => "\\pi",
        'ϖ' => "\\varpi",
        'ρ' => "\\rho",
        'ϱ' => "\\varrho",
        'σ' => "\\sigma",
        'ς' => "\\varsigma",
        'τ' => "\\tau",
        'υ' => "\\upsilon",
        'φ' => "\\varphi",
        'ϕ' => "\\phi",
        'χ' => "\\chi",
        'ψ' => "\\psi",
        'ω' => "\\omega",
        _ => return None,
    })
}

fn relation(c: char) -> Option<&'static str> {
    Some(match c {
        '−' => "-",
        '±' => "\\pm",
        '∓' => "\\mp",
        '×' => "\\times",
        '÷' => "\\div",
        '·' | '⋅' => "\\cdot",
        '∗' => "*",
        '∘' => "\\circ",
        '⊕' => "\\oplus",
        '⊖' => "\\ominus",
        '⊗' => "\\otimes",
        '∧' => "\\land",
        '∨' => "\\lor",
        '∩' => "\\cap",
        '∪' => "\\cup",
        '∖' => "\\setminus",
        '≤' | '⩽' => "\\leq",
        '≥' | '⩾' => "\\geq",
        '≪' => "\\ll",
        '≫' => "\\gg",
        '≠' => "\\neq",
        '≈' => "\\approx",
        '≡' => "\\equiv",
        '≅' => "\\cong",
        '≃' => "\\simeq",
        '∼' => "\\sim",
        '≔' => ":=",
        '∝' => "\\propto",
        '∈' => "\\in",
        '∉' => "\\notin",
        '∋' => "\\ni",
        '⊂' => "\\subset",
        '⊃' => "\\supset",
        '⊆' => "\\subseteq",
        '⊇' => "\\supseteq",
        '⊢' => "\\vdash",
        '⊨' => "\\models",
        '⊥' => "\\perp",
        '∥' => "\\parallel",
        '∣' => "\\mid",
        '≺' => "\\prec",
        '≻' => "\\succ",
        _ => return None,
    })
}

fn arrow(c: char) -> Option<&'static str> {
    Some(match c {
        '←' => "\\leftarrow",
        '→' => "\\rightarrow",
        '↔' => "\\leftrightarrow",
        '↑' => "\\uparrow",
        '↓' => "\\downarrow",
        '↦' => "\\mapsto",
        '⇐' => "\\Leftarrow",
        '⇒' => "\\Rightarrow",
        '⇔' => "\\Leftrightarrow",
        '⇌' => "\\rightleftharpoons",
        '⟵' => "\\longleftarrow",
        '⟶' => "\\longrightarrow",
        '⟹' => "\\Longrightarrow",
        '⟺' => "\\Longleftrightarrow",
        '⟼' => "\\longmapsto",
        _ => return None,
    })
}

fn sign(c: char) -> Option<&'static str> {
    Some(match c {
        '∑' => "\\sum",
        '∏' => "\\prod",
        '∐' => "\\coprod",
        '∫' => "\\int",
        '∬' => "\\iint",
        '∭' => "\\iiint",
        '∮' => "\\oint",
        '⋀' => "\\bigwedge",
        '⋁' => "\\bigvee",
        '⋂' => "\\bigcap",
        '⋃' => "\\bigcup",
        '⨀' => "\\bigodot",
        '⨁' => "\\bigoplus",
        '⨂' => "\\bigotimes",
        '√' => "\\surd",
        '∞' => "\\infty",
        '∂' => "\\partial",
        '∇' => "\\nabla",
        '∀' => "\\forall",
        '∃' => "\\exists",
        '∄' => "\\nexists",
        '¬' => "\\neg",
        '∅' => "\\emptyset",
        '∠' => "\\angle",
        'ℏ' => "\\hbar",
        'ℓ' => "\\ell",
        'ℑ' => "\\Im",
        'ℜ' => "\\Re",
        '℘' => "\\wp",
        'ℵ' => "\\aleph",
        '′' => "\\prime",
        '″' => "\\prime\\prime",
        '‖' => "\\Vert",
        '⟨' | '〈' => "\\langle",
        '⟩' | '〉' => "\\rangle",
        '⌊' => "\\lfloor",
        '⌋' => "\\rfloor",
        '⌈' => "\\lceil",
        '⌉' => "\\rceil",
        '…' => "\\ldots",
        '⋯' => "\\cdots",
        '⋮' => "\\vdots",
        '⋱' => "\\ddots",
        '∴' => "\\therefore",
        '∵' => "\\because",
        '°' => "{}^{\\circ}",
        '§' => "\\S",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found() {
        assert!(FUNCTIONS.is_sorted());
        assert!(is_function("sin") && is_function("limsup") && is_function("Pr") && !is_function("sen"));
    }

    #[test]
    fn letters_of_the_alphabets_have_their_font() {
        let found = ['𝐱', '𝑥', 'ℎ', '𝔟', 'ℒ', '𝒦', 'ℝ', '𝟙', '𝜋', 'x', 'π'].map(styled);
        let wanted = [
            Some(("\\mathbf", 'x')),
            Some(("", 'x')),
            Some(("", 'h')),
            Some(("\\mathfrak", 'b')),
            Some(("\\mathcal", 'L')),
            Some(("\\mathcal", 'K')),
            Some(("\\mathbb", 'R')),
            Some(("\\mathbb", '1')),
            Some(("", 'π')),
            None,
            None,
        ];
        assert_eq!(found, wanted);
    }
}
