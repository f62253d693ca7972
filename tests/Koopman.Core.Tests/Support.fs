namespace Koopman.Tests

open System
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open Koopman

[<RequireQualifiedAccess>]
module Law =

    /// A statement that holds for everything a generator makes, tried on so many cases, the same in every run.
    let holdsIn (cases: int) (name: string) (gen: Gen<'T>) (property: 'T -> bool) : Test =
        testPropertyWithConfig
            { FsCheckConfig.defaultConfig with
                maxTest = cases
                replay = Some(20240607UL, 4711UL, None)
            }
            name
            (Prop.forAll (Arb.fromGen gen) property)

    let holds (name: string) (gen: Gen<'T>) (property: 'T -> bool) : Test = holdsIn 100 name gen property

[<RequireQualifiedAccess>]
module Expect =

    let ok (result: Result<'T, KoopmanError>) : 'T = KoopmanError.raise result

    /// The result is an error of this kind, its message has all of these words, and it says what to do next.
    let error (kind: ErrorKind) (words: string list) (result: Result<'T, KoopmanError>) : unit =
        match result with
        | Ok value -> failtest $"Expected an error of kind {kind}, got {value}"
        | Error error ->
            Expect.equal error.Kind kind "the kind of the error"
            Expect.notEqual error.Remedy "" "the remedy"

            for word in words do
                Expect.stringContains error.Message word "the message of the error"

    /// Neither below the first bound nor above the second; NaN never is.
    let inRange (actual: 'T) (low: 'T, high: 'T) (message: string) : unit =
        if not (low <= actual && actual <= high) then
            failtest $"{message}. Expected between {low} and {high}, got {actual}"

    /// The same when rounded to so many decimals.
    let sameDecimals (decimals: int) (actual: float) (expected: float) (message: string) : unit =
        if Math.Round(actual, decimals) <> Math.Round(expected, decimals) then
            failtest $"{message}. Expected {expected} to {decimals} decimals, got {actual}"

/// A folder of its own for one test, gone afterwards.
[<Sealed>]
type TemporaryFolder() =
    let folder = Directory.CreateTempSubdirectory "koopman-tests-"

    member _.Path: string = folder.FullName

    member _.File(name: string) : string = Path.Combine(folder.FullName, name)

    member this.Write(name: string, bytes: byte[]) : string =
        File.WriteAllBytes(this.File name, bytes)
        this.File name

    member this.Write(name: string, text: string) : string =
        File.WriteAllText(this.File name, text)
        this.File name

    /// The names of all files in the folder, hidden ones too.
    member _.Names: string list =
        folder.GetFileSystemInfos()
        |> Array.map (fun info -> info.Name)
        |> Array.sort
        |> List.ofArray

    interface IDisposable with
        member _.Dispose() : unit = folder.Delete true

[<AutoOpen>]
module TestInFolder =

    /// A test with a temporary folder of its own.
    let testInFolder (name: string) (run: TemporaryFolder -> unit) : Test =
        testCase name (fun () -> using (new TemporaryFolder()) run)

[<RequireQualifiedAccess>]
module Generate =

    /// Finite numbers of all magnitudes, small whole ones (which repeat) and the edges of float64.
    let number: Gen<float> =
        Gen.frequency
            [
                4, Gen.choose (-5, 5) |> Gen.map float
                4, ArbMap.defaults |> ArbMap.generate<NormalFloat> |> Gen.map (fun x -> x.Get)
                1, Gen.elements [ Double.Epsilon; -Double.Epsilon; Double.MaxValue; Double.MinValue; -0.0; 0.1 ]
            ]

    /// An array of rank 0 to 4, of which some have no values.
    let numericArray: Gen<NumericArray> =
        gen {
            let! rank = Gen.choose (0, 4)

            let! shape =
                Gen.arrayOfLength rank (Gen.frequency [ 9, Gen.choose (1, 5); 1, Gen.constant 0 ])

            let! values = Gen.arrayOfLength (Array.fold (*) 1 shape) number
            return { Shape = shape; Values = values }
        }
