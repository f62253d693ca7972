namespace Koopman.Tests

open System
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
    let internal numericArray: Gen<NumericArray> =
        gen {
            let! rank = Gen.choose (0, 4)

            let! shape =
                Gen.arrayOfLength rank (Gen.frequency [ 9, Gen.choose (1, 5); 1, Gen.constant 0 ])

            let! values = Gen.arrayOfLength (Array.fold (*) 1 shape) number
            return { Shape = shape; Values = values }
        }
