//! The picture as one page: it opens from disk and asks nobody for anything.
//!
//! The page's own policy lets a browser run this script and this style alone, by their hashes, and load nothing: whatever the names in
//! templates hold, it stays text.

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("page/model.js"),
    include_str!("page/parts.js"),
    include_str!("page/index.js"),
    include_str!("page/board.js"),
    include_str!("page/detail.js"),
    include_str!("page/main.js"),
    "})();\n"
);
/// SHA-256 of the style and of the script, as a content security policy names them. A test tells the right ones.
const STYLE_HASH: &str = "sha256-aDD9Iy149UntkWC9R2JJIhD0CtcIbM5ERhjIRLGMjhU=";
const SCRIPT_HASH: &str = "sha256-aewWuw2OP8y4BG4L+qVYumlxVDN7+sOmgCYRbIjBEeI=";

/// The page of a graph that is given as JSON.
pub(super) fn page(data: &str) -> String {
    // Inside of a script element, only `<` could begin something else; in JSON it stands in texts alone.
    let data = data.replace('<', "\\u003c");
    let parts = [
        ("{{style-hash}}", STYLE_HASH),
        ("{{script-hash}}", SCRIPT_HASH),
        ("{{style}}", STYLE),
        ("{{data}}", data.as_str()),
        ("{{script}}", SCRIPT),
    ];
    let mut page = String::with_capacity(PAGE.len() + STYLE.len() + SCRIPT.len() + data.len());
    let mut rest = PAGE;
    for (name, value) in parts {
        let (before, after) = rest.split_once(name).unwrap_or((rest, ""));
        page.push_str(before);
        page.push_str(value);
        rest = after;
    }
    page + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use sha2::{Digest as _, Sha256};

    fn hash(text: &str) -> String {
        format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
    }

    #[test]
    fn the_policy_names_the_style_and_the_script_of_the_page() {
        assert_eq!(STYLE_HASH, hash(STYLE), "STYLE_HASH has to be what is on the right");
        assert_eq!(SCRIPT_HASH, hash(SCRIPT), "SCRIPT_HASH has to be what is on the right");
    }

    #[test]
    fn data_cannot_end_its_element_and_is_not_taken_for_the_page() {
        let page = page("[\"</script><!-- {{script}} {{style}}\"]");
        assert!(page.contains("[\"\\u003c/script>\\u003c!-- {{script}} {{style}}\"]</script>"));
        assert_eq!(page.matches("<script").count(), 2);
        assert_eq!(page.matches("</script").count(), 2);
    }

    #[test]
    fn nothing_is_loaded_from_anywhere() {
        let page = page("{}").replace("http://www.w3.org/2000/svg", "");
        for address in ["http:", "https:", "//cdn", "@import", "url(", "src="] {
            assert!(!page.contains(address), "{address}");
        }
        assert!(page.contains("default-src 'none'"));
    }
}
