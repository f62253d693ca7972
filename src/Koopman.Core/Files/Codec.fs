namespace Koopman

open System.Numerics
open System.Text.Json.Nodes

/// <summary>
/// The encoding of a part 'T of a value 'Whole as fields of a JSON object. One description both writes and reads, so the two cannot disagree;
/// damaged input is an error, never a default value.
/// </summary>
[<NoComparison; NoEquality>]
type internal Codec<'Whole, 'T> =
    {
        Put: 'Whole -> (string * JsonNode) list
        Take: JsonObject -> Outcome<'T>
    }

/// The description of a record: <c>codec { let! width = Codec.int&lt;Options&gt; "width" _.Width and! ... return { ... } }</c>.
[<Sealed>]
type internal CodecBuilder() =

    member _.MergeSources(first: Codec<'Whole, 'A>, second: Codec<'Whole, 'B>) : Codec<'Whole, 'A * 'B> =
        {
            Put = fun whole -> first.Put whole @ second.Put whole
            Take =
                fun node ->
                    first.Take node
                    |> Result.bind (fun a -> second.Take node |> Result.map (fun b -> a, b))
        }

    member _.BindReturn(parts: Codec<'Whole, 'A>, make: 'A -> 'T) : Codec<'Whole, 'T> =
        {
            Put = parts.Put
            Take = parts.Take >> Result.map make
        }

/// One case of a union: its name, its fields, and a test for values of the case.
[<NoComparison; NoEquality>]
type internal UnionCase<'U> =
    {
        Name: string
        Fields: Codec<'U, 'U>
        Holds: 'U -> bool
    }

/// Fields of all kinds, and unions.
[<RequireQualifiedAccess>]
module internal Codec =

    let private field (put: 'F -> JsonNode) (take: string -> JsonObject -> Outcome<'F>) name (get: 'Whole -> 'F) =
        {
            Put = fun whole -> [ name, put (get whole) ]
            Take = take name
        }

    let int<'Whole> : string -> ('Whole -> int) -> Codec<'Whole, int> =
        field Fields.ofInt Fields.int

    let ints<'Whole> : string -> ('Whole -> int list) -> Codec<'Whole, int list> =
        field Fields.ofInts Fields.ints

    /// Three whole numbers.
    let triple<'Whole> : string -> ('Whole -> int * int * int) -> Codec<'Whole, int * int * int> =
        field (fun (a, b, c) -> Fields.ofInts [ a; b; c ]) Fields.triple

    let float<'Whole> : string -> ('Whole -> float) -> Codec<'Whole, float> =
        field Fields.ofFloat Fields.float

    let text<'Whole> : string -> ('Whole -> string) -> Codec<'Whole, string> =
        field Fields.ofText Fields.text

    let flag<'Whole> : string -> ('Whole -> bool) -> Codec<'Whole, bool> =
        field Fields.ofFlag Fields.flag

    /// A member of an enumeration, by its name.
    let choice<'Whole, 'E when 'E: struct and 'E: (new: unit -> 'E) and 'E :> System.ValueType>
        : string -> ('Whole -> 'E) -> Codec<'Whole, 'E> =
        field (fun (value: 'E) -> Fields.ofText (string value)) Fields.choice<'E>

    /// A complex number, as two numbers.
    let complex<'Whole> : string -> ('Whole -> Complex) -> Codec<'Whole, Complex> =
        field (fun (value: Complex) -> Fields.ofFloats [ value.Real; value.Imaginary ]) Fields.complex

    /// A nested value under a name.
    let object (inner: Codec<'F, 'F>) : string -> ('Whole -> 'F) -> Codec<'Whole, 'F> =
        field (fun value -> Fields.ofList (inner.Put value)) (fun name node ->
            Fields.object name node |> Result.bind inner.Take)

    /// An optional nested value.
    let optional (inner: Codec<'F, 'F>) (name: string) (get: 'Whole -> 'F option) : Codec<'Whole, 'F option> =
        {
            Put =
                fun whole ->
                    match get whole with
                    | Some value -> [ name, Fields.ofList (inner.Put value) ]
                    | None -> []
            Take =
                fun node ->
                    if node.ContainsKey name then
                        Fields.object name node |> Result.bind inner.Take |> Result.map Some
                    else
                        Ok None
        }

    /// The values of a list.
    let list (inner: Codec<'F, 'F>) : string -> ('Whole -> 'F[]) -> Codec<'Whole, 'F[]> =
        field
            (Seq.map (fun value -> Fields.ofList (inner.Put value) :> JsonNode)
             >> Fields.ofNodes)
            (fun name node -> Fields.list name inner.Take node |> Result.map Array.ofList)

    /// A case with a value: a function that extracts it from the union if it is of this case, and the constructor.
    let case (name: string) (pick: 'U -> 'F option) (make: 'F -> 'U) (inner: Codec<'F, 'F>) : UnionCase<'U> =
        {
            Name = name
            Fields =
                {
                    Put = fun whole -> inner.Put (pick whole).Value
                    Take = inner.Take >> Result.map make
                }
            Holds = pick >> Option.isSome
        }

    /// A case without fields.
    let bare (name: string) (value: 'U) : UnionCase<'U> when 'U: equality =
        {
            Name = name
            Fields =
                {
                    Put = fun _ -> []
                    Take = fun _ -> Ok value
                }
            Holds = (=) value
        }

    /// A union: the name of the case in one field, next to the fields of the case.
    let union (tag: string) (cases: UnionCase<'U> list) : Codec<'U, 'U> =
        {
            Put =
                fun whole ->
                    let case = cases |> List.find (fun case -> case.Holds whole)
                    (tag, Fields.ofText case.Name) :: case.Fields.Put whole
            Take =
                fun node ->
                    Fields.text tag node
                    |> Result.bind (fun found ->
                        match cases |> List.tryFind (fun case -> case.Name = found) with
                        | Some case -> case.Fields.Take node
                        | None ->
                            KoopmanError.fail
                                ErrorKind.CheckpointMismatch
                                $"The stored settings have an unknown {tag} '{found}'"
                                "The file was written by a newer version of the library: use that version")
        }

    /// A whole value as an object.
    let write (codec: Codec<'T, 'T>) (value: 'T) : JsonObject = Fields.ofList (codec.Put value)

[<AutoOpen>]
module internal CodecSyntax =

    let codec: CodecBuilder = CodecBuilder()
