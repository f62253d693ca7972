namespace Koopman.Tests

open System
open System.IO
open FsCheck
open FsCheck.FSharp
open Koopman
open Xunit

/// A statement that holds for everything a generator makes. Each file of tests lists its own; LawTests runs them all.
[<NoEquality; NoComparison>]
type Law = { Name: string; Check: Config -> unit }

[<RequireQualifiedAccess>]
module Law =

    /// The same cases on every run. FsCheck prints the seed of the case that failed, and the case itself.
    let private config: Config =
        Config.QuickThrowOnFailure
            .WithReplay(
                Some
                    {
                        Rnd = Rnd(20240607UL, 4711UL)
                        Size = None
                    }
            )
            .WithMaxTest(100)
            .WithQuietOnSuccess(true)

    let holds (name: string) (gen: Gen<'T>) (property: 'T -> bool) : Law =
        {
            Name = name
            Check = fun config -> Check.One(name, config, Prop.forAll (Arb.fromGen gen) property)
        }

    /// Throws, with the counterexample, if the law does not hold.
    let check (law: Law) : unit = law.Check config

[<RequireQualifiedAccess>]
module Expect =

    let ok (result: Result<'T, KoopmanError>) : 'T = KoopmanError.raise result

    /// The result is an error of this kind, its message has all of these words, and it says what to do next.
    let error (kind: ErrorKind) (words: string list) (result: Result<'T, KoopmanError>) : unit =
        match result with
        | Ok value -> Assert.Fail $"Expected an error of kind {kind}, got {value}"
        | Error error ->
            Assert.Equal(kind, error.Kind)
            Assert.NotEqual<string>("", error.Remedy)

            for word in words do
                Assert.Contains(word, error.Message)

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
