namespace Koopman.Flows

open TorchSharp
open Koopman

/// <summary>Makes generators.</summary>
[<RequireQualifiedAccess; CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix)>]
module LiftOperator =

    /// <summary>Blocks with |a| below 3 and b below 6; trained values have stayed far from these bounds.</summary>
    let blocks: OperatorShape = Blocks(3.0, 6.0)

    /// <summary>A generator at its start. The caller disposes it.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="seed">The seed of the initial parameters.</param>
    /// <param name="like">A tensor with the dtype and device of the parameters.</param>
    /// <param name="dimension">The dimension d of the points; 0 for lifts in which they are decoded.</param>
    /// <param name="features">The number m of features; even for blocks.</param>
    let rec create
        (shape: OperatorShape)
        (seed: Seed)
        (like: Tensor)
        (dimension: int)
        (features: int)
        : Outcome<LiftOperator> =
        use _ = Tensors.scope ()
        let d, m = int64 dimension, int64 features

        let place (t: Tensor) =
            t.to_type(like.dtype).``to``(like.device).clone().requires_grad_(true).DetachFromDisposeScope()

        let normal (name: string) (scale: float) (shape: int64[]) =
            scale * Seed.normal shape (Seed.derive name seed) |> place

        let zeros (shape: int64[]) =
            torch.zeros (shape, dtype = torch.float64) |> place

        let invalid cause remedy =
            KoopmanError.fail ErrorKind.InvalidSetting cause remedy

        Require.all {
            Require.atLeast 0 "the dimension" dimension
            Require.atLeast 1 "the number of features" features

            match shape with
            | Blocks(growth, frequency) ->
                Require.positive "the bound of the growth" growth
                Require.positive "the bound of the frequency" frequency
                Require.that (features % 2 = 0) "an even number for blocks of two" "the number of features" features
            | LowRank rank -> Require.atLeast 1 "the rank" rank
            | _ -> ()
        }
        |> Result.bind (fun () ->
            match shape with
            | EverySite(_, EverySite _) -> invalid "Sites of sites" "Multiply their numbers"
            | EverySite(sites, _) when sites < 1 || dimension % sites <> 0 || features % sites <> 0 ->
                invalid
                    $"{dimension} coordinates and {features} features cannot be divided equally among {sites} sites"
                    "Give the number of pixels, and whole channels of points and features"
            | EverySite(sites, operator) ->
                create operator seed like (dimension / sites) (features / sites)
                |> Result.map (fun inner -> new SiteGenerator(sites, inner))
            | Blocks(growth, frequency) ->
                let modes = m / 2L

                Ok(
                    new BlockGenerator(
                        dimension,
                        growth,
                        frequency,
                        normal "growth" 0.5 [| modes |],
                        place (
                            if modes = 1L then
                                torch.zeros (1L, dtype = torch.float64)
                            else
                                torch.linspace (-2.0, 2.0, modes, dtype = torch.float64)
                        ),
                        normal "mixing" (1.0 / sqrt (float features)) [| m; d |],
                        zeros [| d |],
                        zeros [| d |]
                    )
                )
            | Dense ->
                Ok(
                    new MatrixGenerator(
                        shape,
                        dimension,
                        features,
                        [ "columns", normal "columns" 1e-3 [| 2L + d + m; d + m |] ],
                        List.head
                    )
                )
            | LowRank rank ->
                let scale = 1.0 / sqrt (float (dimension + features))

                Ok(
                    new MatrixGenerator(
                        shape,
                        dimension,
                        features,
                        [
                            "affine", zeros [| 2L; d + m |]
                            "diagonal", normal "diagonal" 0.1 [| d + m |]
                            "left", normal "left" scale [| d + m; int64 rank |]
                            "right", normal "right" scale [| int64 rank; d + m |]
                        ],
                        function
                        | [ affine; diagonal; left; right ] ->
                            torch.cat ([| affine; diagonal.diag () + left.times right |], 0L)
                        | _ -> invalidArg "values" "A generator of low rank has four parameters"
                    )
                ))
