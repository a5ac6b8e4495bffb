//! Which character does a control word of an RTF stand for?

/// The character, if the word is one.
pub fn character(word: &str) -> Option<&'static str> {
    Some(match word {
        "tab" => "\t",
        "line" | "lbr" => "\n",
        "lquote" => "‘",
        "rquote" => "’",
        "ldblquote" => "“",
        "rdblquote" => "”",
        "bullet" => "•",
        "endash" => "–",
        "emdash" => "—",
        "enspace" | "emspace" | "qmspace" => " ",
        _ => return None,
    })
}

/// The groups whose text is not that of the document.
pub fn is_nowhere(word: &str) -> bool {
    matches!(
        word,
        "colortbl"
            | "listtable"
            | "listoverridetable"
            | "revtbl"
            | "rsidtbl"
            | "generator"
            | "themedata"
            | "colorschememapping"
            | "datastore"
            | "latentstyles"
            | "xmlnstbl"
            | "filetbl"
            | "nonshppict"
            | "shprslt"
            | "objdata"
            | "blipuid"
            | "xe"
            | "tc"
            | "tcn"
            | "rxe"
            | "bkmkstart"
            | "bkmkend"
            | "atnid"
            | "atnref"
            | "atntime"
            | "atndate"
            | "atnicn"
            | "atnparent"
            | "datafield"
            | "ffname"
            | "fontemb"
            | "pgdsctbl"
            | "mmathPr"
            | "wgrffmtfilter"
            | "template"
            | "operator"
            | "company"
            | "manager"
            | "category"
            | "comment"
            | "doccomm"
            | "hlinkbase"
            | "creatim"
            | "revtim"
            | "printim"
            | "buptim"
            | "ftnsep"
            | "ftnsepc"
            | "ftncn"
            | "aftnsep"
            | "aftnsepc"
            | "aftncn"
            | "pnseclvl"
            | "userprops"
            | "nextfile"
            | "background"
            | "passwordhash"
            | "defchp"
            | "defpap"
            | "mailmerge"
            | "falt"
            | "panose"
            | "pntxta"
            | "pntxtb"
            | "sv_"
            | "factoidname"
            | "protusertbl"
            | "docvar"
    )
}
