namespace Koopman.Flows

open System
open TorchSharp
open Koopman

/// <summary>Rows z = [c, t, x, F] of the lifted space, in parts. Leading dimensions other than the rows' are kept.</summary>
[<NoComparison; NoEquality>]
type LiftedState =
    {
        /// <summary>The constant c: 1 for points, 0 for differences of points and for rates of change.</summary>
        Constant: float
        /// <summary>t (n, 1).</summary>
        Time: Tensor
        /// <summary>x (n, d).</summary>
        Point: Tensor
        /// <summary>F (n, m).</summary>
        Features: Tensor
    }

    /// <summary>The rows (n, 2+d+m).</summary>
    member this.Rows: Tensor =
        torch.cat (
            [|
                torch.full_like (this.Time, Tensors.num this.Constant)
                this.Time
                this.Point
                this.Features
            |],
            -1L
        )

/// <summary>The shape of the operator on features and points.</summary>
type OperatorShape =
    /// <summary>
    /// 2 × 2 blocks: features are complex modes with individual λ = a + ib, |a| below the first number and b between 0 and the second, which drive
    /// the points, x' = b0 + b1 t + F B. Everything is in closed form, with a separate horizon for each row.
    /// </summary>
    | Blocks of growth: float * frequency: float
    /// <summary>Any matrix, as in the paper's code, initialised with normal numbers of scale 1e-3.</summary>
    | Dense
    /// <summary>On points and features a diagonal plus a matrix of this rank; unrestricted from 1 and t.</summary>
    | LowRank of rank: int
    /// <summary>
    /// The same small operator of this shape at each of this number of sites, such as the pixels of images: it couples the channels of points and of
    /// features at one site. Points and features are rows of channels, one after the other, each with one number per site. Sites can depend on each
    /// other through the features; a convolution of features that evolve with λ evolves with λ too, so coupling sites in the operator would add
    /// nothing to a convolutional network of features.
    /// </summary>
    | EverySite of sites: int * operator: OperatorShape

/// Shapes of operators in files.
[<RequireQualifiedAccess>]
module internal OperatorShape =

    let private blocks: Codec<float * float, float * float> =
        codec {
            let! growth = Codec.float "growth" fst
            and! frequency = Codec.float "frequency" snd
            return growth, frequency
        }

    /// Shapes other than <c>EverySite</c>.
    let private plain: UnionCase<OperatorShape> list =
        [
            Codec.case
                "blocks"
                (function
                | Blocks(growth, frequency) -> Some(growth, frequency)
                | _ -> None)
                Blocks
                blocks
            Codec.bare "dense" Dense
            Codec.case
                "low rank"
                (function
                | LowRank rank -> Some rank
                | _ -> None)
                LowRank
                (Codec.int "rank" id)
        ]

    let private sites: Codec<int * OperatorShape, int * OperatorShape> =
        codec {
            let! sites = Codec.int "sites" fst
            and! operator = Codec.object (Codec.union "shape" plain) "operator" snd
            return sites, operator
        }

    let settings: Codec<OperatorShape, OperatorShape> =
        Codec.union
            "shape"
            (plain
             @ [
                 Codec.case
                     "every site"
                     (function
                     | EverySite(sites, operator) -> Some(sites, operator)
                     | _ -> None)
                     EverySite
                     sites
             ])

    /// Names and shapes of the parameters of an operator of this shape on d coordinates and m features.
    let rec shapes (dimension: int) (features: int) (shape: OperatorShape) : (string * int64 list) list =
        let d, m = int64 dimension, int64 features

        match shape with
        | Blocks _ ->
            [
                "growth", [ m / 2L ]
                "frequency", [ m / 2L ]
                "mixing", [ m; d ]
                "drift", [ d ]
                "slope", [ d ]
            ]
        | Dense -> [ "columns", [ 2L + d + m; d + m ] ]
        | LowRank rank ->
            [
                "affine", [ 2L; d + m ]
                "diagonal", [ d + m ]
                "left", [ d + m; int64 rank ]
                "right", [ int64 rank; d + m ]
            ]
        | EverySite(sites, operator) -> shapes (dimension / max 1 sites) (features / max 1 sites) operator

/// <summary>
/// The linear operator L on rows z = [1, t, x, F] with dz/dτ = z L, and its action over any horizon. The column of t is always that of dt/dτ = 1.
/// </summary>
[<AbstractClass>]
type LiftOperator internal (dimension: int, features: int) =

    /// <summary>The dimension d of the points.</summary>
    member _.Dimension: int = dimension

    /// <summary>The number m of features.</summary>
    member _.Features: int = features

    /// <summary>The size D = 2+d+m of the lifted space.</summary>
    member _.Size: int = 2 + dimension + features

    /// <summary>The shape of the operator.</summary>
    abstract Shape: OperatorShape

    /// <summary>The number of sites at which the same operator acts: 1, but for <c>EverySite</c>.</summary>
    abstract Sites: int

    default _.Sites = 1

    /// <summary>The operator at one site: itself, if there is only one.</summary>
    abstract AtSite: LiftOperator

    default this.AtSite = this

    /// <summary>Reshapes (…, channels·sites) to (…, sites, channels); unchanged if there is only one site.</summary>
    abstract ToSites: numbers: Tensor -> Tensor

    default _.ToSites(numbers: Tensor) = numbers

    /// <summary>The inverse of ToSites.</summary>
    abstract OfSites: numbers: Tensor -> Tensor

    default _.OfSites(numbers: Tensor) = numbers

    /// <summary>
    /// Rows z (n, D) times columns (size at a site, w) for each of several horizons: (horizons, n, w·sites). With the x columns of e^{τL} at a site
    /// this gives the points after τ.
    /// </summary>
    abstract Read: z: LiftedState * columns: Tensor[] -> Tensor

    default _.Read(z: LiftedState, columns: Tensor[]) =
        match columns with
        | [| one |] -> z.Rows.times(one).unsqueeze 0L
        | several ->
            let rows = z.Rows
            let width = several[0].shape[1]

            rows
                .times(torch.cat (several, 1L))
                .reshape(rows.shape[0], int64 several.Length, width)
                .transpose(0L, 1L)
                .contiguous()

    /// <summary>The trainable parameters, by name.</summary>
    abstract Parameters: (string * Tensor) list

    /// <summary>The matrix L (D, D), differentiable in the parameters.</summary>
    abstract Matrix: unit -> Tensor

    /// M (d+m, d+m), the part of L on points and features: y = [x, F] moves by y' = y M and what 1 and t drive.
    member internal this.Linear() : Tensor =
        let size = int64 this.Size - 2L
        this.Matrix().narrow(0L, 2L, size).narrow(1L, 2L, size).contiguous()

    /// Units s of y in which these deviations of features are 1, and M in them: y/s moves by s M/s.
    member internal this.Scaled(deviations: Tensor) : struct (Tensor * Tensor) =
        let points =
            torch.ones (int64 dimension, dtype = deviations.dtype, device = deviations.device)

        let units = torch.cat ([| points; deviations |], 0L)
        struct (units, this.Linear() * units.unsqueeze 1L / units.unsqueeze 0L)

    /// <summary>z L: the rate of change.</summary>
    abstract Rate: z: LiftedState -> LiftedState

    /// <summary>z e^{τL} for horizons τ (n, 1), one per row, or (q, n, 1), several per row.</summary>
    abstract Advance: z: LiftedState * tau: Tensor -> LiftedState

    /// <summary>The x columns of z e^{τL}: the points after τ.</summary>
    abstract Position: z: LiftedState * tau: Tensor -> Tensor

    /// <summary>The x columns of z e^{τL} L: the velocities of the points after τ.</summary>
    abstract Speed: z: LiftedState * tau: Tensor -> Tensor

    /// <summary>The generator with copies of these values instead of its parameters, in their order.</summary>
    abstract With: values: Tensor list -> LiftOperator

    interface IDisposable with
        /// <summary>Frees the parameters.</summary>
        member this.Dispose() : unit =
            for _, parameter in this.Parameters do
                parameter.Dispose()
