//! Lowering: whatever way a value is written, it means the same.

use kmslint::source::{FileId, SourceFile};
use kmslint::template::{Expr, Form, Logic, ReferenceKind, SubPiece, Template, is_template, references};

use proptest::prelude::*;
use serde_json::Value as Json;

use crate::maker::Maker;
use crate::values::{in_stack, template};

/// The value of output `O` of a template with nothing else.
fn output(value: &str) -> Expr {
    let text = format!("Resources: {{}}\nOutputs:\n  O:\n    Value: {value}\n");
    template(&text).outputs.remove(0).value
}

/// An expression without its places and the quoting of its literals.
fn shape(expr: &Expr) -> String {
    let mut text = format!("{:?}", expr.form);
    for style in ["Plain", "Quoted", "Block"] {
        text = text.replace(style, "_");
    }
    let mut shape = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("span: Span {") {
        shape.push_str(&rest[..at]);
        let end = rest[at..].find('}').unwrap();
        rest = &rest[at + end + 1..];
    }
    shape + rest
}

#[test]
fn short_and_long_forms_are_one() {
    let pairs = [
        ("!Ref A", "{Ref: A}"),
        ("!GetAtt A.B.C", "{'Fn::GetAtt': [A, B.C]}"),
        ("!GetAtt [A, B]", "{\"Fn::GetAtt\": \"A.B\"}"),
        ("!GetAtt [A, Outputs, X]", "{\"Fn::GetAtt\": [\"A\", \"Outputs.X\"]}"),
        ("!Sub 'x-${A}-${B.C}'", "{\"Fn::Sub\": \"x-${A}-${B.C}\"}"),
        ("!Sub ['${A}', {A: !Ref B}]", "{\"Fn::Sub\": [\"${A}\", {\"A\": {\"Ref\": \"B\"}}]}"),
        ("!Join ['', [a, !Ref B]]", "{\"Fn::Join\": [\"\", [\"a\", {\"Ref\": \"B\"}]]}"),
        ("!Select [0, !Split [':', !Ref B]]", "{\"Fn::Select\": [0, {\"Fn::Split\": [\":\", {\"Ref\": \"B\"}]}]}"),
        ("!If [C, a, !Ref 'AWS::NoValue']", "{\"Fn::If\": [\"C\", \"a\", {\"Ref\": \"AWS::NoValue\"}]}"),
        ("!FindInMap [M, a, b]", "{\"Fn::FindInMap\": [\"M\", \"a\", \"b\"]}"),
        ("!FindInMap [M, a, b, {DefaultValue: c}]", "{\"Fn::FindInMap\": [M, a, b, {\"DefaultValue\": \"c\"}]}"),
        ("!ImportValue x", "{\"Fn::ImportValue\": \"x\"}"),
        ("!Base64 x", "{\"Fn::Base64\": x}"),
        ("!ToJsonString {a: 1}", "{\"Fn::ToJsonString\": {a: 1}}"),
        ("!Length [a]", "{\"Fn::Length\": [a]}"),
    ];
    for (short, long) in pairs {
        assert_eq!(shape(&output(short)), shape(&output(long)), "{short}");
        assert!(!matches!(output(short).form, Form::Opaque(_) | Form::Map(_)), "{short}");
    }
}

#[test]
fn a_condition_is_a_reference_only_among_condition_functions() {
    let template = template(
        "Conditions:\n  A: !Equals [a, b]\n  B: !Not [{Condition: A}]\n  C: !Or [!Condition A, {Condition: B}]\n  D: {Condition: A}\n\
         Resources:\n  X:\n    Type: A::B::C\n    Properties: {Statement: {Condition: A}}\n",
    );
    let is_condition = |expr: &Expr| matches!(&expr.form, Form::Logic(logic) if matches!(**logic, Logic::Condition(_)));
    let all: Vec<bool> = template.conditions.iter().map(|(_, expr)| expr.walk().any(is_condition)).collect();
    assert_eq!(all, [false, true, true, true]);
    let statement = template.resources[0].properties.get("Statement").unwrap();
    assert_eq!(statement.get("Condition").and_then(Expr::literal), Some("A"));
}

#[test]
fn malformed_calls_are_opaque_with_their_name() {
    for call in [
        "!GetAtt A",
        "!Join [a]",
        "!If [C, a]",
        "!Sub [a, b, c]",
        "{\"Fn::Select\": x}",
        "!Ref [a]",
        "!Sub ['${A}', x]",
    ] {
        assert!(matches!(output(call).form, Form::Opaque(what) if what.starts_with("a malformed")), "{call}");
    }
    assert_eq!(output("!Rain::Embed x").form, Form::Opaque("the tag `!Rain::Embed`".to_owned()));
    assert_eq!(output("{\"Fn::Nope\": x}").form, Form::Opaque("the function `Fn::Nope`".to_owned()));
}

#[test]
fn the_holes_of_sub_have_their_places() {
    let text = "Resources: {}\nOutputs:\n  O:\n    Value: !Sub \"a${B}${!C}-${ D.E.F }${G\"\n";
    let template = template(text);
    let Form::Sub(pieces, variables) = &template.outputs[0].value.form else { panic!("no sub") };
    assert!(variables.is_empty());
    let shown: Vec<String> = pieces
        .iter()
        .map(|piece| match piece {
            SubPiece::Text(text) => text.to_string(),
            SubPiece::Ref(name) => format!("ref {} at {}", name.value, &text[name.span.range()]),
            SubPiece::GetAtt(name, attribute) => format!("{}/{attribute} at {}", name.value, &text[name.span.range()]),
        })
        .collect();
    assert_eq!(shown, ["a", "ref B at ${B}", "${C}-", "D/E.F at ${ D.E.F }", "${G"]);
}

#[test]
fn a_variable_of_sub_may_have_dots() {
    let expr = output("!Sub ['${A.B}${C.D}', {A.B: x}]");
    let Form::Sub(pieces, _) = expr.form else { panic!("no sub") };
    assert!(matches!(&pieces[..], [SubPiece::Ref(a), SubPiece::GetAtt(c, _)] if a.value == "A.B" && c.value == "C"));
}

#[test]
fn loops_over_written_lists_are_what_they_make() {
    let template = template(
        "Transform: AWS::LanguageExtensions\nMappings: {M: {a: {Zones: [x-1, y-2]}}}\nResources:\n  'Fn::ForEach::Keys':\n    - Name\n    - [One, Two]\n    - Key${Name}:\n        Type: AWS::KMS::Key\n        Properties:\n          Description: !Sub 'for ${Name} in ${AWS::Region}'\n          Other: !Ref Name\n  'Fn::ForEach::Zones':\n    - Z\n    - !FindInMap [M, a, Zones]\n    - Zone&{Z}: {Type: A::B::C}\nOutputs:\n  'Fn::ForEach::Open':\n    - P\n    - !Ref Names\n    - Out${P}: {Value: x}\n",
    );
    let names: Vec<_> = template.resources.iter().map(|resource| resource.name.value.as_str()).collect();
    assert_eq!(names, ["KeyOne", "KeyTwo", "Zonex1", "Zoney2"]);
    let properties = &template.resources[1].properties;
    assert_eq!(properties.get("Other").and_then(Expr::literal), Some("Two"));
    assert!(matches!(&properties.get("Description").unwrap().form,
        Form::Sub(pieces, _) if matches!(&pieces[..], [SubPiece::Text(text), SubPiece::Ref(_)] if **text == *"for Two in ")));
    assert!(template.outputs.is_empty());
    assert_eq!(template.opaque.len(), 1);
}

#[test]
fn macros_hide_what_they_can_touch_and_no_more() {
    let text = "Transform: [AWS::Serverless-2016-10-31, AWS::LanguageExtensions]\nResources:\n  A:\n    Type: A::B::C\n    Properties:\n      Body: {'Fn::Transform': {Name: AWS::Include}}\n      Mixed: {x: y, 'Fn::Transform': {Name: Mine}}\n      Fine: 1\n";
    let seen = template(text);
    assert!(seen.opaque.is_empty());
    let properties = &seen.resources[0].properties;
    assert_eq!(properties.get("Body").unwrap().form, Form::Opaque("`AWS::Include`".to_owned()));
    assert_eq!(properties.get("Mixed").unwrap().form, Form::Opaque("the macro `Mine`".to_owned()));
    assert_eq!(properties.get("Fine").and_then(Expr::literal), Some("1"));
    for whole in ["Transform: Mine\n", "Fn::Transform: {Name: AWS::Include}\n", "Transform: [{Name: Mine}]\n"] {
        assert_eq!(template(&format!("{whole}Resources: {{}}\n")).opaque.len(), 1, "{whole}");
    }
}

#[test]
fn a_resource_that_is_written_elsewhere_has_unknown_properties() {
    let template = template(
        "Resources:\n  A: !Rain::Module x\n  B: {Type: A::B::C, 'Fn::ForEach::X': []}\n  C: {Type: A::B::C}\n",
    );
    let is_opaque: Vec<bool> =
        template.resources.iter().map(|resource| matches!(resource.properties.form, Form::Opaque(_))).collect();
    assert_eq!(is_opaque, [true, true, false]);
}

#[test]
fn scalars_keep_their_spelling_and_truth_is_normal() {
    for (written, text) in
        [("yes", "true"), ("'yes'", "yes"), ("Off", "false"), ("012345678901", "012345678901"), ("1.10", "1.10")]
    {
        assert_eq!(output(written).text().as_deref(), Some(text), "{written}");
    }
    assert_eq!(output("~").form, Form::Null);
    assert_eq!(output("!!str ~").literal(), Some("~"));
}

#[test]
fn only_cloudformation_is_a_template() {
    let is = |text: &str| {
        let source = SourceFile::new(FileId(0), "x".to_owned(), text.to_owned());
        is_template(&kmslint::syntax::parse(&source))
    };
    for yes in [
        "Resources: {K: {Type: AWS::KMS::Key}}",
        "{\"Resources\": {\"Fn::ForEach::X\": []}}",
        "AWSTemplateFormatVersion: 2010-09-09",
        "Transform: AWS::Serverless-2016-10-31\nResources: {}",
    ] {
        assert!(is(yes), "{yes}");
    }
    for no in [
        "{\"name\": \"x\", \"version\": \"1\"}",
        "services: {web: {image: x}}",
        "{\"version\": \"36.0.0\", \"artifacts\": {}}",
        "version: 0.2\nphases: {build: {commands: []}}",
        "Resources: [a]",
        "Resources: {a: {Type: b}}",
        "- a",
        "",
    ] {
        assert!(!is(no), "{no}");
    }
}

#[test]
fn references_have_kind_place_and_path() {
    let text = "Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties:\n      Policies:\n        - PolicyDocument: {Resource: [!GetAtt K.Arn, !Sub '${K}-${V}-${Q.Arn}']}\n      Name: !Ref P\n";
    let text = text.replace("${Q.Arn}']", "${Q.Arn}', !Sub ['${V}', {V: !Ref W}]]");
    let template = template(&text);
    let found: Vec<_> = references(&template.resources[0].properties)
        .map(|reference| {
            (
                reference.name,
                reference.attribute,
                reference.kind,
                reference.path.join("."),
                &text[reference.span.range()],
            )
        })
        .collect();
    let path = "Policies.PolicyDocument.Resource".to_owned();
    assert_eq!(
        found,
        [
            ("K", Some("Arn"), ReferenceKind::GetAtt, path.clone(), "!GetAtt K.Arn"),
            ("K", None, ReferenceKind::Sub, path.clone(), "${K}"),
            ("V", None, ReferenceKind::Sub, path.clone(), "${V}"),
            ("Q", Some("Arn"), ReferenceKind::Sub, path.clone(), "${Q.Arn}"),
            ("W", None, ReferenceKind::Ref, path, "!Ref W"),
            ("P", None, ReferenceKind::Ref, "Name".to_owned(), "!Ref P"),
        ]
    );
}

#[test]
fn a_place_has_a_path_in_words() {
    let text = "Parameters:\n  P: {Type: String, Default: d}\nConditions:\n  C: !Equals [!Ref P, here1]\nResources:\n  AppRole:\n    Type: AWS::IAM::Role\n    DependsOn: [here7]\n    Properties:\n      Policies:\n        - PolicyDocument:\n            Statement:\n              - Sid: UseKey\n                Action: here2\n              - Action: here3\n      Tags: !If [C, [{Key: here4}], []]\nOutputs:\n  O:\n    Value: here5\n    Export: {Name: here6}\n";
    let template: Template = template(text);
    let path = |word: &str| {
        let start = text.find(word).unwrap();
        template.path_of(kmslint::source::Span::new(FileId(0), start, start + word.len()))
    };
    let policy = "Resources.AppRole.Properties.Policies[0].PolicyDocument";
    assert_eq!(path("here1"), "Conditions.C");
    assert_eq!(path("here2"), format!("{policy}.Statement[Sid=UseKey].Action"));
    assert_eq!(path("here3"), format!("{policy}.Statement[1].Action"));
    assert_eq!(path("here4"), "Resources.AppRole.Properties.Tags.Fn::If[1][0].Key");
    assert_eq!(path("here5"), "Outputs.O.Value");
    assert_eq!(path("here6"), "Outputs.O.Export.Name");
    assert_eq!(path("PolicyDocument"), policy);
    assert_eq!(path("AWS::IAM::Role"), "Resources.AppRole.Type");
    assert_eq!(path("here7"), "Resources.AppRole.DependsOn");
    assert_eq!(path("AppRole"), "Resources.AppRole");
    assert_eq!(path("Type: String"), "Parameters.P");
}

/// JSON in which functions have any arguments, most of them wrong.
fn odd(bytes: &mut std::slice::Iter<'_, u8>, depth: usize) -> Json {
    const NAMES: [&str; 30] = [
        "Ref",
        "Fn::GetAtt",
        "Fn::Sub",
        "Fn::Join",
        "Fn::Select",
        "Fn::Split",
        "Fn::If",
        "Fn::FindInMap",
        "Fn::ImportValue",
        "Fn::GetStackOutput",
        "Fn::Base64",
        "Fn::ToJsonString",
        "Fn::Length",
        "Fn::And",
        "Fn::Or",
        "Fn::Not",
        "Fn::Equals",
        "Condition",
        "Fn::Contains",
        "Fn::Transform",
        "Fn::Cidr",
        "Fn::ForEach::X",
        "Fn::Nope",
        "StackName",
        "OutputName",
        "DefaultValue",
        "Type",
        "Properties",
        "RoleName",
        "A",
    ];
    const TEXTS: [&str; 14] = [
        "",
        "A",
        "A.Arn",
        "${A}",
        "${A.B.C}",
        "${",
        "${!x}",
        "{{resolve:ssm:",
        "}}",
        "AWS::NoValue",
        "AWS::Region",
        "0",
        "X",
        "é${A}",
    ];
    let mut pick = |of: usize| bytes.next().map_or(0, |byte| usize::from(*byte) % of);
    let count = if depth > 6 { 0 } else { pick(4) };
    match pick(4) {
        0 => Json::from(TEXTS[pick(TEXTS.len())]),
        1 => [Json::Null, Json::Bool(true), Json::from(1)][pick(3)].clone(),
        2 => (0..count).map(|_| odd(bytes, depth + 1)).collect(),
        _ => {
            let names: Vec<_> = (0..count).map(|_| NAMES[pick(NAMES.len())]).collect();
            names
                .into_iter()
                .map(|name| (name.to_owned(), odd(bytes, depth + 1)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
    }
}

/// JSON as YAML with short tags wherever YAML lets one stand.
fn short(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(short).collect::<Vec<_>>().join(", ")),
        Json::Object(entries) => {
            if let Some(call) = entries
                .iter()
                .next()
                .filter(|_| entries.len() == 1)
                .and_then(|(name, argument)| short_call(name, argument))
            {
                return call;
            }
            let entries = entries.iter().map(|(key, value)| format!("{}: {}", Json::from(key.as_str()), short(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        scalar => scalar.to_string(),
    }
}

fn short_call(name: &str, argument: &Json) -> Option<String> {
    let function = match name {
        "Ref" | "Condition" => name,
        _ => name.strip_prefix("Fn::")?,
    };
    let argument = match (function, argument) {
        ("GetAtt", Json::Array(parts)) => format!("{}.{}", parts[0].as_str()?, parts[1].as_str()?),
        (_, Json::Object(_)) => return None,
        (_, argument) => short(argument),
    };
    Some(format!("!{function} {argument}"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn yaml_with_short_tags_is_json_with_long_forms(bytes in prop::collection::vec(any::<u8>(), 0..160)) {
        let made = Maker { bytes: bytes.iter(), depth: 0 }.template();
        let (long, short) = (template(&made.to_string()), template(&short(&made)));
        prop_assert_eq!(long.resources.len(), 2);
        let exprs = |template: &Template| -> Vec<String> {
            let conditions = template.conditions.iter().map(|(_, expr)| expr);
            let resources = template.resources.iter().map(|resource| &resource.properties);
            let asserted = template.rules.iter().flat_map(|rule| rule.condition.iter().chain(&rule.assertions));
            conditions.chain(resources).chain(asserted).chain(template.outputs.iter().map(|output| &output.value)).map(shape).collect()
        };
        prop_assert_eq!(exprs(&long), exprs(&short));
    }

    #[test]
    fn whatever_is_written_is_lowered_and_evaluated(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut bytes = bytes.iter();
        let sections = ["Parameters", "Mappings", "Conditions", "Rules", "Resources", "Outputs", "Globals", "Transform"];
        let mut made: serde_json::Map<String, Json> = serde_json::Map::new();
        for section in sections {
            let body = match odd(&mut bytes, 0) {
                Json::Object(entries) => Json::Object(entries),
                other => serde_json::json!({"A": other, "O": {"Value": odd(&mut bytes, 0)}}),
            };
            made.insert(section.to_owned(), body);
        }
        let template = template(&Json::Object(made).to_string());
        in_stack(&template, &[], |scope| {
            let properties = template.resources.iter().map(|resource| &resource.properties);
            for expr in properties.chain(template.outputs.iter().map(|output| &output.value)) {
                let value = scope.value(expr);
                assert!(references(expr).all(|reference| expr.span.contains(&reference.span)));
                assert!(!template.path_of(value.span).is_empty());
            }
            for (name, _) in &template.conditions {
                assert!(scope.presence(Some(name)).is_none_or(|guard| scope.worlds.feasible(&guard)));
            }
        });
    }
}

#[test]
fn globals_of_sam_are_properties_of_every_resource_of_the_type() {
    let head = "Transform: AWS::Serverless-2016-10-31\n";
    let shared = "Globals:
  Function:
    KmsKeyArn: !GetAtt Key.Arn
    Environment: { Variables: { A: shared, B: shared } }
    Layers: [first]
    Timeout: 3
  SimpleTable: { SSESpecification: { SSEEnabled: true } }
";
    let resources = "Resources:
  Own:
    Type: AWS::Serverless::Function
    Properties: { Handler: x, Timeout: 9, Layers: [second], Environment: { Variables: { B: own } } }
  Bare: { Type: AWS::Serverless::Function }
  Alone: { Type: AWS::Serverless::Function, IgnoreGlobals: [KmsKeyArn, Environment], Properties: { Handler: x } }
  None: { Type: AWS::Serverless::Function, IgnoreGlobals: '*' }
  Plain: { Type: AWS::Lambda::Function }
";
    let merged = "Resources:
  Own:
    Type: AWS::Serverless::Function
    Properties:
      Handler: x
      Timeout: 9
      Layers: [first, second]
      Environment: { Variables: { B: own, A: shared } }
      KmsKeyArn: !GetAtt Key.Arn
  Bare:
    Type: AWS::Serverless::Function
    Properties:
      KmsKeyArn: !GetAtt Key.Arn
      Environment: { Variables: { A: shared, B: shared } }
      Layers: [first]
      Timeout: 3
  Alone: { Type: AWS::Serverless::Function, Properties: { Handler: x, Layers: [first], Timeout: 3 } }
  None: { Type: AWS::Serverless::Function }
  Plain: { Type: AWS::Lambda::Function }
";
    let properties = |text: &str| -> Vec<String> {
        template(text).resources.iter().map(|resource| shape(&resource.properties)).collect()
    };
    assert_eq!(properties(&format!("{head}{shared}{resources}")), properties(merged));
    // Without the macro, CloudFormation knows no such section.
    assert_eq!(properties(&format!("{shared}{resources}")), properties(resources));
}
